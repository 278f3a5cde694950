/** Checks the proofs of `proofs.ts` with public keys alone: every word of every event, in its order, up to a signed checkpoint. */
import { isDeepStrictEqual } from 'node:util'
import { leafText } from './record.ts'
import { unitOf } from './lines.ts'
import { createHashes, fromBase64, rootByProof, toBase64 } from './merkle.ts'
import { openNote, readCheckpoint, type Checkpoint, type Verifier } from './note.ts'
import { placeOf, type AuditProofs, type EventProof, type Place, type Unproved } from './proofs.ts'
import { digestsOf, shownOf } from './units.ts'

/** An event as somebody shows it. */
export interface ShownEvent {
  readonly id?: string
}

export type CheckedProofs =
  | {
      readonly ok: true
      readonly proved: number
      readonly unproved: readonly { readonly id: string; readonly unproved: Unproved }[]
    }
  | {
      readonly ok: false
      /** In the list, from 1. */
      readonly place: number
      readonly event: string
      readonly what: string
    }

const LONGEST_PATH = 64
/** What of an event is hashed: these, its time, and its data. */
const WORDS = ['type', 'level', 'control', 'requestId', 'client', 'principal', 'impersonator', 'method', 'path']
const FOLLOWS = ['id', 'chain', 'seq', 'class', 'redacted', 'time', 'data']

/** Names the first event that does not hold. Throws for nothing that a file holds. */
export function checkProofs(list: readonly ShownEvent[], proofs: AuditProofs, verifiers: readonly Verifier[]): CheckedProofs {
  const roots = createRoots(proofs, verifiers)
  const unproved: { readonly id: string; readonly unproved: Unproved }[] = []
  for (let index = 0; index < Math.max(list.length, proofs.events.length); index++) {
    const [event, proof] = [list[index], proofs.events[index]]
    const what = problemOf(event, proof, roots)
    if (what !== undefined) return { ok: false, place: index + 1, event: event?.id ?? proof?.id ?? '', what }
    if (proof && 'unproved' in proof) unproved.push(proof)
  }
  return { ok: true, proved: list.length - unproved.length, unproved }
}

type Roots = (chain: string, size: number) => Checkpoint | undefined

function problemOf(event: ShownEvent | undefined, proof: AuditProofs['events'][number] | undefined, roots: Roots) {
  if (event === undefined) return 'It has a proof, and is missing from the list.'
  if (proof === undefined) return 'It stands in the list without a proof: it was added.'
  if (event.id !== proof.id) return `The proof at this place is of ${proof.id}: an event was removed, added or moved.`
  if ('unproved' in proof) return undefined
  const place = placeOf(proof.id)
  if (place === undefined) return 'Its id is no place in a log.'
  const checkpoint = roots(place.chain, proof.size)
  if (checkpoint === undefined) return `The checkpoint at ${proof.size} is not signed by a key that was given.`
  const leaf = leafOf(event, proof, place)
  if (leaf === undefined) return 'It says something that is not part of what was written.'
  const hashes = createHashes()
  const path = proof.path.slice(0, LONGEST_PATH).map(fromBase64)
  const root = rootByProof(hashes, hashes.leaf(leaf), place.seq, proof.size, path)
  return root !== undefined && toBase64(root) === checkpoint.root
    ? undefined
    : 'It is not what was written, or its proof was changed.'
}

/** What is hashed of the event as it is shown; undefined where it shows more than that. */
function leafOf(shown: ShownEvent, { found, proof }: EventProof, { chain, seq }: Place): string | undefined {
  const event = shown as Readonly<Record<string, unknown>>
  const blanked = (['who', 'what'] as const).filter((part) => proof[part] === undefined)
  const follows = { chain, seq, class: chain.slice(chain.lastIndexOf('/') + 1), redacted: blanked }
  const wrong = Object.entries(follows).some(([name, value]) => name in event && !isDeepStrictEqual(event[name], value))
  const time = new Date(Number(event['time']))
  if (wrong || !isWritten(event) || time.getTime() !== event['time'] || 'redacted' in event !== blanked.length > 0)
    return undefined
  const unit = unitOf({ ...event, time: time.toISOString(), seq, found, proof, hash: '' })
  // Of what was blanked only the digest is proved: nothing may stand where it was.
  if (unit === undefined || blanked.some((part) => shownOf(part, unit[part])[1].trim() !== '')) return undefined
  const { who, what } = digestsOf(unit)
  return leafText(seq, unit.open, who, what)
}

/** Whether it consists of what can be written, and of nothing else: a list of one word would read like that word. */
function isWritten(event: Readonly<Record<string, unknown>>): boolean {
  const { data } = event
  return (
    Object.keys(event).every((name) => FOLLOWS.includes(name) || WORDS.includes(name)) &&
    WORDS.every((name) => event[name] === undefined || typeof event[name] === 'string') &&
    (data === undefined || (typeof data === 'object' && data !== null && !Array.isArray(data)))
  )
}

/** Each note is opened once. */
function createRoots({ checkpoints }: AuditProofs, verifiers: readonly Verifier[]): Roots {
  const notes = new Map(checkpoints.map(({ chain, size, note }) => [`${chain} ${size}`, note]))
  const opened = new Map<string, Checkpoint | undefined>()
  const open = (chain: string, size: number): Checkpoint | undefined => {
    const text = openNote(notes.get(`${chain} ${size}`) ?? '', verifiers)
    const checkpoint = text === undefined ? undefined : readCheckpoint(text)
    const ours = verifiers.some(({ name }) => checkpoint?.origin === `${name}/${chain}`)
    return ours && checkpoint?.size === size ? checkpoint : undefined
  }
  return (chain, size) => {
    const key = `${chain} ${size}`
    if (!opened.has(key)) opened.set(key, open(chain, size))
    return opened.get(key)
  }
}
