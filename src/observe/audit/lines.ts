/** Records, checkpoints and tombstones as lines of JSON, with all that a verifier needs: what segments on disk and exports consist of. */
import type { AuditRow } from './rows.ts'
import { partHead, partText, sortedJson } from './record.ts'
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

/** `Date.parse` takes much else for a time, such as this with one bit flipped. */
const ISO = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`
const TIME = new RegExp(`^${ISO}$`)

/** What the verifier makes of a line; undefined for what is none of an event. */
export function unitOf(line: Partial<EventLine>): Unit | undefined {
  const { seq, hash, proof, found = {}, data } = line
  const at = TIME.test(line.time ?? '') ? Date.parse(line.time!) : Number.NaN
  if (typeof seq !== 'number' || typeof hash !== 'string' || typeof proof !== 'object' || Number.isNaN(at)) return undefined
  const who = [line.client, line.principal, line.impersonator, found.user, found.actor, found.session, found.apiKey]
  return {
    seq,
    open: join([String(at), line.type, line.level, line.control, line.method, line.requestId]),
    who: partText('who', proof.who ?? '', join(who)),
    what: partText('what', proof.what ?? '', join([line.path, data && sortedJson(Object.entries(data))])),
    whoDigest: proof.whoDigest ?? '',
    whatDigest: proof.whatDigest ?? '',
    hash,
  }
}

const TEXT = '"([^"\\\\]*)"'
const optional = (names: readonly string[], lead: string): string => names.map((name) => `(?:${lead}"${name}":${TEXT})?`).join('')
/** A line as `eventLine` writes it, with nothing escaped. */
const PLAIN = new RegExp(
  `^\\{"chain":${TEXT},"seq":(\\d{1,15}),"time":"(${ISO})","type":${TEXT},"level":${TEXT},"control":${TEXT}` +
    `${optional(['method', 'requestId', 'client', 'principal', 'impersonator', 'path'], ',')}(?:,"data":(\\{[^\\\\]*?\\}))?` +
    `,"found":\\{${optional(['user', 'actor', 'session', 'apiKey'], ',?')}\\}` +
    `,"proof":\\{${optional(['who', 'what', 'whoDigest', 'whatDigest'], ',?')}\\},"hash":${TEXT}\\}$`,
)
const [WHO, WHAT] = [partHead('who'), partHead('what')]
/** Of such keys JSON.parse changes the order. */
const NUMBERED = /[{,]"\d/

/**
 * Most lines need not be parsed: what is hashed stands in them as it is. Undefined for all others, which may be well formed all the
 * same. Such a line has no other reading: its fields in their order are all there is of it.
 */
export function readPlain(text: string): { readonly chain: string; readonly unit: Unit } | undefined {
  const found = PLAIN.exec(text)
  if (found === null) return undefined
  const field = (place: number): string => found[place] ?? ''
  const [at, data] = [Date.parse(field(3)), field(13)]
  if (Number.isNaN(at) || NUMBERED.test(data)) return undefined
  const unit = {
    seq: Number(field(2)),
    open: `${at}\n${field(4)}\n${field(5)}\n${field(6)}\n${field(7)}\n${field(8)}`,
    who: `${WHO}${field(18)}\n${field(9)}\n${field(10)}\n${field(11)}\n${field(14)}\n${field(15)}\n${field(16)}\n${field(17)}`,
    what: `${WHAT}${field(19)}\n${field(12)}\n${data}`,
    whoDigest: field(20),
    whatDigest: field(21),
    hash: field(22),
  }
  return { chain: field(1), unit }
}

const join = (fields: readonly (string | undefined)[]): string => fields.map((field) => field ?? '').join('\n')

function present(values: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null))
}
