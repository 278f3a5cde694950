/**
 * Signed notes and checkpoints: text that names a log, its size and its root, with signatures that anybody can check who has the
 * public key. Other tools of that family read them (`note.Open` of Go's sumdb, witnesses).
 * Source: https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint, RFC 8032 (Ed25519).
 */
import { createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto'

/** The public half: `name+id+key`, as verifiers hold it. */
export interface Verifier {
  readonly name: string
  /** Four bytes, hexadecimal: which key of this name. */
  readonly id: string
  readonly key: KeyObject
}

export interface NoteSigner extends Verifier {
  readonly privateKey: KeyObject
  /** `name+id+key`. */
  readonly text: string
}

export interface Checkpoint {
  readonly origin: string
  readonly size: number
  /** base64. */
  readonly root: string
}

const ED25519 = 1
const LONGEST_NOTE = 65_536
const SIGNATURE = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/
const KEY = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/
/** RFC 8410: what stands before the 32 bytes of an Ed25519 key. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

/** The public key as text: the key id is a digest over name, kind and key, so that it cannot stand for another name. */
export function verifierText(name: string, key: KeyObject): { readonly id: string; readonly text: string } {
  const raw = key.export({ type: 'spki', format: 'der' }).subarray(SPKI.length)
  const typed = Buffer.concat([Buffer.of(ED25519), raw])
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'hex').slice(0, 8)
  return { id, text: `${name}+${id}+${typed.toString('base64')}` }
}

/** Reads `name+id+key`; undefined for what is none, or whose id is not that of its key. */
export function readVerifier(text: string): Verifier | undefined {
  const [, name, id, encoded] = KEY.exec(text.trim()) ?? []
  const typed = Buffer.from(encoded ?? '', 'base64')
  if (name === undefined || typed.length !== 33 || typed[0] !== ED25519) return undefined
  const key = createPublicKey({ key: Buffer.concat([SPKI, typed.subarray(1)]), format: 'der', type: 'spki' })
  return verifierText(name, key).id === id ? { name, id: id!, key } : undefined
}

/** `text` ends in a line break. Each signer adds a line. */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  const lines = signers.map(({ name, id, privateKey }) => {
    const signature = Buffer.concat([Buffer.from(id, 'hex'), sign(null, Buffer.from(text), privateKey)])
    return `\u2014 ${name} ${signature.toString('base64')}\n`
  })
  return `${text}\n${lines.join('')}`
}

/**
 * The text of a note that at least one of the verifiers signed. Lines of unknown keys say nothing; a wrong one of a known key
 * refuses the whole note.
 */
export function openNote(note: string, verifiers: readonly Verifier[]): string | undefined {
  const end = note.length <= LONGEST_NOTE ? note.lastIndexOf('\n\n') : -1
  if (end < 0 || !note.endsWith('\n')) return undefined
  const text = note.slice(0, end + 1)
  let signed = false
  for (const line of note.slice(end + 2, -1).split('\n')) {
    const [, name, encoded] = SIGNATURE.exec(line) ?? []
    if (name === undefined) return undefined
    const bytes = Buffer.from(encoded!, 'base64')
    const verifier = verifiers.find((one) => one.name === name && one.id === bytes.subarray(0, 4).toString('hex'))
    if (verifier === undefined) continue
    if (!verify(null, Buffer.from(text), verifier.key, bytes.subarray(4))) return undefined
    signed = true
  }
  return signed ? text : undefined
}

export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root}\n`
}

/** Reads the text of an opened checkpoint; undefined for any other text. Lines behind the third are let be, as the standard says. */
export function readCheckpoint(text: string): Checkpoint | undefined {
  const [origin, size, root] = text.split('\n')
  if (!origin || !/^(?:0|[1-9]\d{0,15})$/.test(size ?? '') || !/^[A-Za-z0-9+/]{43}=$/.test(root ?? '')) return undefined
  return { origin, size: Number(size), root: root! }
}
