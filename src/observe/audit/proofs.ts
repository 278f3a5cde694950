/**
 * Proves many events at once, for evidence: each by the few hashes that lead from it to the first signed checkpoint behind it. Only what
 * lies between two checkpoints is read, however long the log is. Source: RFC 9162 section 2.1.3 (inclusion proofs).
 */
import { commit, leafText, openText, whatText, whoText } from './record.ts'
import { createHashes, createProver, toBase64, type Hashes, type Range } from './merkle.ts'
import type { EventLine } from './lines.ts'
import { readCheckpoint, type Verifier } from './note.ts'
import { readRange, toEvent, type AuditRow } from './rows.ts'
import type { AuditDatabase } from './schema.ts'
import type { AuditEvent, Redactable } from './types.ts'

/** That one event stands in the log. With what of it is hashed, and is not shown otherwise. */
export interface EventProof {
  readonly id: string
  /** Of the checkpoint of its chain that the path leads to. */
  readonly size: number
  /** base64, from the leaf up. */
  readonly path: readonly string[]
  /** Ids that it is found by. */
  readonly found: NonNullable<EventLine['found']>
  /** Salts; of a part that was blanked its digest. */
  readonly proof: EventLine['proof']
}

/** Why an event has no proof: no key was there to sign with, it is gone from the log, or the log is not what was signed. */
export type Unproved = 'not-signed' | 'unknown-event' | 'not-what-was-signed'

/** Signed notes (C2SP tlog-checkpoint), and for each event in its order the way to one of them. */
export interface AuditProofs {
  /** Which keys signed: `name+id`. The keys themselves a verifier has from elsewhere. */
  readonly keys: readonly string[]
  readonly checkpoints: readonly { readonly chain: string; readonly size: number; readonly note: string }[]
  readonly events: readonly (EventProof | { readonly id: string; readonly unproved: Unproved })[]
}

/** Events as they stand in the log now, with their proofs. */
export interface ProvedEvents {
  readonly events: readonly AuditEvent[]
  readonly proofs: AuditProofs
}

interface Signed {
  readonly size: number
  readonly range: string
  readonly note: string
}

/** Events between two signed sizes of a chain: `wanted` by their places. */
interface Stretch {
  readonly chain: { readonly id: number; readonly name: string }
  readonly from: { readonly size: number; readonly range: Range }
  /** Absent where nothing vouches for them. */
  readonly to: Signed | undefined
  readonly wanted: readonly number[]
}

/** Of an event: its chain, and where it stands there. */
export interface Place {
  readonly chain: string
  readonly seq: number
}

/** Rows read at a time. */
const PAGE = 500

export function placeOf(id: string): Place | undefined {
  const place = /^(.+)#(\d{1,15})$/.exec(id)
  return place === null ? undefined : { chain: place[1]!, seq: Number(place[2]) }
}

/** Proves these events, in this order. Whoever wants the newest proved as well signs them first. */
export async function proveEvents(
  database: AuditDatabase,
  ids: readonly string[],
  keys: readonly Verifier[],
): Promise<ProvedEvents> {
  const hashes = createHashes()
  const events = new Map<string, AuditEvent>()
  const proved = new Map<string, EventProof | Unproved>()
  const checkpoints: AuditProofs['checkpoints'][number][] = []
  const byChain = Map.groupBy(
    ids.flatMap((id) => placeOf(id) ?? []),
    ({ chain }) => chain,
  )
  for (const [name, places] of byChain) {
    for (const stretch of await stretchesOf(
      database,
      name,
      places.map(({ seq }) => seq),
    )) {
      const { rows, path } = await readStretch(database, hashes, stretch)
      for (const seq of stretch.wanted) {
        const row = rows.get(seq)
        if (row === undefined) continue
        const event = toEvent(row, name)
        events.set(event.id, event)
        proved.set(event.id, proofOf(event.id, row, stretch.to, path?.(seq)))
      }
      if (path && stretch.to) checkpoints.push({ chain: name, size: stretch.to.size, note: stretch.to.note })
    }
  }
  return {
    events: [...events.values()],
    proofs: {
      keys: keys.map(({ name, id }) => `${name}+${id}`),
      checkpoints,
      events: ids.map((id) => {
        const one = proved.get(id) ?? 'unknown-event'
        return typeof one === 'string' ? { id, unproved: one } : one
      }),
    },
  }
}

/** Which checkpoint each of the wanted events leads to, and what is known of the tree before it. */
async function stretchesOf(database: AuditDatabase, name: string, wanted: readonly number[]): Promise<readonly Stretch[]> {
  const { kysely } = database
  const chain = await kysely.selectFrom('hf_audit_chains').select(['id', 'name']).where('name', '=', name).executeTakeFirst()
  if (chain === undefined) return []
  const columns = ['size', 'range', 'note'] as const
  const of = (table: 'hf_audit_checkpoints' | 'hf_audit_tombstones') =>
    kysely.selectFrom(table).select(columns).where('chain', '=', chain.id).orderBy('size').execute()
  const [checkpoints, stones] = [await of('hf_audit_checkpoints'), await of('hf_audit_tombstones')]
  const begins = [...stones, ...checkpoints].toSorted((a, b) => a.size - b.size)
  const left = wanted.filter((seq) => seq >= (stones.at(-1)?.size ?? 0))
  const stretches = Map.groupBy(left, (seq) => checkpoints.find(({ size }) => size > seq))
  return [...stretches].map(([to, places]) => {
    const before = begins.findLast(({ size }) => places.every((seq) => size <= seq))
    const from = before ? { size: before.size, range: readRange(before.range) } : { size: 0, range: [] }
    return { chain, from, to, wanted: places }
  })
}

/** The rows that are wanted, and how each leads to the checkpoint; no way where the checkpoint is of something else. */
async function readStretch(database: AuditDatabase, hashes: Hashes, { chain, from, to, wanted }: Stretch) {
  const places = new Set(wanted)
  const rows = new Map<number, AuditRow>()
  const leaves: string[] = []
  const range = [...from.range]
  for await (const page of pagesOf(database, chain.id, from.size, to?.size ?? Math.max(...wanted) + 1)) {
    for (const row of page) {
      if (places.has(row.seq)) rows.set(row.seq, row)
      const leaf = hashes.leaf(leafOf(row))
      hashes.grow(range, from.size + leaves.length, leaf)
      leaves.push(leaf)
    }
  }
  if (to === undefined || leaves.length !== to.size - from.size) return { rows, path: undefined }
  const [signedText = ''] = to.note.split('\n\n')
  if (readCheckpoint(signedText)?.root !== toBase64(hashes.root(range))) return { rows, path: undefined }
  const tree = { first: from.size, range: from.range, at: (index: number) => leaves[index - from.size]! }
  const prove = createProver(hashes, tree)
  return { rows, path: (seq: number) => prove(seq, to.size).map(toBase64) }
}

/** Between two pages everything else has its turn: evidence is also written while an attack goes on. */
async function* pagesOf(database: AuditDatabase, chain: number, from: number, to: number): AsyncGenerator<readonly AuditRow[]> {
  const statement = database.statement<AuditRow>(
    `SELECT * FROM hf_audit WHERE chain = ? AND seq >= ? AND seq < ? ORDER BY seq LIMIT ${PAGE}`,
  )
  for (let next = from; ;) {
    const page = await statement.all(chain, next, to)
    yield page
    if (page.length < PAGE) return
    next = page.at(-1)!.seq + 1
    await new Promise(setImmediate)
  }
}

function proofOf(id: string, row: AuditRow, to: Signed | undefined, path: readonly string[] | undefined): EventProof | Unproved {
  if (to === undefined) return 'not-signed'
  if (path === undefined) return 'not-what-was-signed'
  const found = { user: row.user_id, actor: row.actor_id, session: row.session, apiKey: row.api_key }
  const proof = { who: row.who_salt, what: row.what_salt, whoDigest: row.who_digest, whatDigest: row.what_digest }
  return { id, size: to.size, path, found: present(found), proof: present(proof) }
}

function leafOf(row: AuditRow): string {
  return leafText(row.seq, openText({ ...row, requestId: row.request_id }), digestOf(row, 'who'), digestOf(row, 'what'))
}

/** What stands for a part of the row in the chain: computed, or kept where it was blanked. */
export function digestOf(row: AuditRow, part: Redactable): string {
  const salt = row[`${part}_salt`]
  if (salt === null) return row[`${part}_digest`] ?? ''
  const subjects = { userId: row.user_id, actorId: row.actor_id, session: row.session, apiKey: row.api_key }
  return commit(part, salt, part === 'who' ? whoText({ ...row, ...subjects }) : whatText(row))
}

function present(values: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null))
}
