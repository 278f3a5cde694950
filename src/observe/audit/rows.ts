/** Records as rows: written many at a time, and read back as events. */
import type { EventType, EventValue, Level } from '../../engine/events.ts'
import type { EventClass } from '../../engine/event-classes.ts'
import type { Statement, Value } from '../../store/database.ts'
import { commit, leafText, openText, whatText, whoText, type AuditRecord } from './record.ts'
import { fromBase64Url, genesis, toBase64Url, type Hashes, type Range } from './merkle.ts'
import type { AuditDatabase, AuditTable } from './schema.ts'
import type { AuditEvent, Redactable } from './types.ts'

export type AuditRow = Omit<AuditTable, 'n'>

/** How far a chain is: what the next record is linked to. */
export interface Head {
  readonly id: number
  readonly name: string
  readonly size: number
  readonly hash: string
  readonly range: Range
}

export function newHead(id: number, name: string): Head {
  return { id, name, size: 0, hash: genesis(name), range: [] }
}

/** Batches come late, and clocks differ: so far from its neighbours an event may stand. Beyond that it is marked. */
export const LATE = 60_000

/** The row of the chain's next record, written at `writing`, and the chain's head behind it. */
export function linkRecord(
  hashes: Hashes,
  head: Head,
  record: AuditRecord,
  { random, writing }: { readonly random: (bytes: number) => string; readonly writing: number },
): { readonly row: AuditRow; readonly head: Head } {
  const whoSalt = random(16)
  const whatSalt = random(16)
  const who = commit('who', whoSalt, whoText(record))
  const what = commit('what', whatSalt, whatText(record))
  const leaf = hashes.leaf(leafText(head.size, openText(record), who, what))
  const hash = hashes.link(head.hash, leaf)
  const row: AuditRow = {
    chain: head.id,
    seq: head.size,
    at: record.at,
    type: record.type,
    level: record.level,
    control: record.control,
    request_id: record.requestId,
    method: record.method,
    client: record.client,
    principal: record.principal,
    impersonator: record.impersonator,
    path: record.path,
    data: record.data,
    user_id: record.userId,
    actor_id: record.actorId,
    session: record.session,
    api_key: record.apiKey,
    who_salt: whoSalt,
    what_salt: whatSalt,
    who_digest: null,
    what_digest: null,
    hash: hashes.text(hash),
    late: writing - record.at > LATE ? 1 : null,
  }
  return { row, head: { ...head, size: head.size + 1, hash, range: hashes.append(head.range, head.size, leaf) } }
}

export const rangeText = (range: Range): string => range.map(toBase64Url).join(' ')
export const readRange = (text: string): Range => (text === '' ? [] : text.split(' ').map(fromBase64Url))

const COLUMNS = [
  ...['chain', 'seq', 'at', 'type', 'level', 'control', 'request_id', 'method', 'client', 'principal', 'impersonator'],
  ...[
    'path',
    'data',
    'user_id',
    'actor_id',
    'session',
    'api_key',
    'who_salt',
    'what_salt',
    'who_digest',
    'what_digest',
    'hash',
    'late',
  ],
] as readonly (keyof AuditRow)[]

/** Rows that one statement writes; each statement is written whole or not at all. */
export const SIZES = [256, 32, 4, 1] as const

/** Writes so many rows as one of `SIZES` says, whole or not at all. */
export function createInsert(database: AuditDatabase): (rows: readonly AuditRow[]) => Promise<void> {
  const one = `(${COLUMNS.map(() => '?').join(', ')})`
  const statements = new Map<number, Statement<never>>()
  const statementOf = (size: number): Statement<never> => {
    const known = statements.get(size)
    if (known) return known
    const text = `INSERT INTO hf_audit (${COLUMNS.join(', ')}) VALUES ${Array.from({ length: size }, () => one).join(', ')}`
    const made = database.statement<never>(text)
    statements.set(size, made)
    return made
  }

  return async (rows) => {
    const values: Value[] = []
    for (const row of rows) for (const column of COLUMNS) values.push(row[column])
    await statementOf(rows.length).run(...values)
  }
}

/** How many of `waiting` go into the next statement. */
export function batchSize(waiting: number): number {
  return SIZES.find((size) => size <= waiting) ?? 0
}

/** A row as it is shown. */
export function toEvent(row: AuditRow, chain: string): AuditEvent {
  const blanked: Redactable[] = [
    ...(row.who_salt === null ? (['who'] as const) : []),
    ...(row.what_salt === null ? (['what'] as const) : []),
  ]
  const optional = {
    requestId: row.request_id,
    client: row.client,
    principal: row.principal,
    impersonator: row.impersonator,
    method: row.method,
    path: row.path,
  }
  return {
    id: `${chain}#${row.seq}`,
    chain,
    seq: row.seq,
    time: row.at,
    type: row.type as EventType,
    class: chain.slice(chain.lastIndexOf('/') + 1) as EventClass,
    level: row.level as Level,
    control: row.control,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)),
    ...(row.data !== null && { data: readData(row.data) }),
    ...(blanked.length > 0 && { redacted: blanked }),
  }
}

/** Somebody may have written into the table: what is no JSON is shown as it is. */
function readData(text: string): Record<string, EventValue> {
  try {
    return JSON.parse(text) as Record<string, EventValue>
  } catch {
    return { unreadable: text }
  }
}
