/**
 * Signs a document and verifies it: an envelope after DSSE, in which type and bytes are signed together, so that nothing has to be put
 * into an order first. The Ed25519 keys follow from the key ring; their public halves are what others verify with.
 * Sources: DSSE 1.0 (secure-systems-lab/dsse), RFC 8032 (Ed25519), RFC 8410 (its encoding).
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import type { KeyRing } from '../../crypto/keyring.ts'

export interface Envelope {
  readonly payloadType: string
  /** Base64. */
  readonly payload: string
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[]
}

/** A public key by its name: the first half of the hash of its bytes. */
export interface PublicKey {
  readonly id: string
  /** 32 bytes, base64url. */
  readonly text: string
}

export type VerifiedEnvelope =
  | { readonly ok: true; readonly keyId: string; readonly payload: Buffer }
  | { readonly ok: false; readonly reason: 'malformed' | 'unknown-key' | 'mismatch' }

const PURPOSE = 'incidents/evidence'
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const KEY = /^[A-Za-z0-9_-]{43}$/

/** The public keys of the ring, the current one first. */
export function evidenceKeys(keys: Pick<KeyRing, 'ids' | 'subkey'>): readonly PublicKey[] {
  return keys.ids.map((id) => publicOf(createPublicKey(privateOf(keys, id))))
}

/** Signs with the current key. */
export function signEnvelope(keys: Pick<KeyRing, 'current' | 'subkey'>, payloadType: string, payload: Buffer): Envelope {
  const key = privateOf(keys, keys.current)
  const sig = sign(null, preAuthentication(payloadType, payload), key).toString('base64')
  const keyid = publicOf(createPublicKey(key)).id
  return { payloadType, payload: payload.toString('base64'), signatures: [{ keyid, sig }] }
}

/** Whether one of these keys signed exactly this. Nothing of the payload is read before. */
export function verifyEnvelope(text: string, payloadType: string, trusted: readonly string[]): VerifiedEnvelope {
  const envelope = readEnvelope(text)
  if (envelope === undefined || envelope.payloadType !== payloadType) return { ok: false, reason: 'malformed' }
  const payload = Buffer.from(envelope.payload, 'base64')
  if (payload.toString('base64') !== envelope.payload) return { ok: false, reason: 'malformed' }
  const keys = trusted.filter((one) => KEY.test(one)).map(readPublic)
  let known = false
  for (const { keyid, sig } of envelope.signatures) {
    const key = keys.find(({ id }) => id === keyid)
    if (key === undefined) continue
    known = true
    if (verify(null, preAuthentication(payloadType, payload), key.object, Buffer.from(sig, 'base64')))
      return { ok: true, keyId: keyid, payload }
  }
  return { ok: false, reason: known ? 'mismatch' : 'unknown-key' }
}

/** What is said to be signed, whoever did or did not. */
export function payloadOf(text: string): Buffer | undefined {
  const envelope = readEnvelope(text)
  return envelope && Buffer.from(envelope.payload, 'base64')
}

/** DSSE's PAE: lengths stand before the parts, so that no two pairs of type and payload are signed alike. */
function preAuthentication(type: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload])
}

function privateOf(keys: Pick<KeyRing, 'subkey'>, id: string): KeyObject {
  const seed = keys.subkey(PURPOSE, id)
  if (seed === undefined) throw new Error(`There is no key "${id}" in the ring.`)
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  seed.fill(0)
  return key
}

function publicOf(key: KeyObject): PublicKey {
  const bytes = key.export({ format: 'der', type: 'spki' }).subarray(SPKI.length)
  return { id: idOf(bytes), text: bytes.toString('base64url') }
}

function readPublic(text: string): { readonly id: string; readonly object: KeyObject } {
  const bytes = Buffer.from(text, 'base64url')
  return { id: idOf(bytes), object: createPublicKey({ key: Buffer.concat([SPKI, bytes]), format: 'der', type: 'spki' }) }
}

const idOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64url').slice(0, 22)

function readEnvelope(text: string): Envelope | undefined {
  try {
    const value = JSON.parse(text) as Partial<Envelope> | null
    if (typeof value?.payloadType !== 'string' || typeof value.payload !== 'string' || !Array.isArray(value.signatures))
      return undefined
    const signatures = value.signatures as readonly Partial<Envelope['signatures'][number]>[]
    if (signatures.length > 16 || signatures.some((one) => typeof one?.keyid !== 'string' || typeof one.sig !== 'string'))
      return undefined
    return value as Envelope
  } catch {
    return undefined
  }
}
