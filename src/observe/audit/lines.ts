/** Records, checkpoints and tombstones as lines of JSON, with all that a verifier needs: what segments on disk and exports consist of. */
import type { AuditRow } from './rows.ts'
import { sortedJson } from './record.ts'
import type { Unit } from './units.ts'

/** One event, as it stands on a line. */
export interface EventLine {
  readonly chain: string
  readonly seq: number
  readonly time: string
  readonly type: string
  readonly level: string
  readonly control: string
  readonly method?: string
  readonly requestId?: string
  readonly client?: string
  readonly principal?: string
  readonly impersonator?: string
  readonly path?: string
  readonly data?: Readonly<Record<string, unknown>>
  /** Ids that it is found by. */
  readonly found?: { readonly user?: string; readonly actor?: string; readonly session?: string; readonly apiKey?: string }
  readonly proof: { readonly who?: string; readonly what?: string; readonly whoDigest?: string; readonly whatDigest?: string }
  readonly hash: string
}

export interface CheckpointLine {
  readonly checkpoint: string
  readonly chain: string
  readonly size: number
}

export interface TombstoneLine {
  readonly tombstone: string
  readonly chain: string
  readonly size: number
  readonly hash: string
  readonly range: string
}

export function eventLine(row: AuditRow, chain: string): string {
  const found = { user: row.user_id, actor: row.actor_id, session: row.session, apiKey: row.api_key }
  const proof = { who: row.who_salt, what: row.what_salt, whoDigest: row.who_digest, whatDigest: row.what_digest }
  return JSON.stringify({
    chain,
    seq: row.seq,
    time: new Date(row.at).toISOString(),
    type: row.type,
    level: row.level,
    control: row.control,
    ...present({ method: row.method, requestId: row.request_id, client: row.client, principal: row.principal }),
    ...present({ impersonator: row.impersonator, path: row.path }),
    ...(row.data !== null && { data: JSON.parse(row.data) as unknown }),
    found: present(found),
    proof: present(proof),
    hash: row.hash,
  })
}

/** What the verifier makes of a line; undefined for what is none of an event. */
export function unitOf(line: Partial<EventLine>): Unit | undefined {
  const { seq, hash, proof, found = {}, data } = line
  const at = Date.parse(line.time ?? '')
  if (typeof seq !== 'number' || typeof hash !== 'string' || typeof proof !== 'object' || Number.isNaN(at)) return undefined
  const who = [line.client, line.principal, line.impersonator, found.user, found.actor, found.session, found.apiKey]
  return {
    seq,
    open: join([String(at), line.type, line.level, line.control, line.method, line.requestId]),
    who: join(who),
    what: join([line.path, data && sortedJson(Object.entries(data))]),
    whoSalt: proof.who ?? '',
    whatSalt: proof.what ?? '',
    whoDigest: proof.whoDigest ?? '',
    whatDigest: proof.whatDigest ?? '',
    hash,
  }
}

const join = (fields: readonly (string | undefined)[]): string => fields.map((field) => field ?? '').join('\n')

function present(values: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null))
}
