/**
 * What of an event is written, and the digests that stand for it. An event has an open part, and two that can be blanked later:
 * `who` and `what`. Of those only salted digests enter the chain, so that it can be verified after the text itself is gone; the
 * salt goes with the text, or the few values that a client's address can have could be tried.
 * Sources: RFC 6962 section 2.1 (the domain byte of a leaf), OWASP Logging Cheat Sheet (event attributes, what to leave out).
 */
import { hash } from 'node:crypto'
import { classOf, type EventClass } from '../../engine/event-classes.ts'
import type { EventValue, SecurityEvent } from '../../engine/events.ts'

/** The columns of a row that are written once and hashed. Empty and absent are one. */
export interface AuditRecord extends Subjects {
  readonly at: number
  readonly type: string
  readonly class: EventClass
  readonly level: string
  readonly control: string
  readonly method: string | null
  readonly requestId: string | null
  readonly client: string | null
  readonly principal: string | null
  readonly impersonator: string | null
  readonly path: string | null
  /** JSON, keys in order. */
  readonly data: string | null
}

/** Under which ids an event is found. */
export interface Subjects {
  readonly userId: string | null
  readonly actorId: string | null
  readonly session: string | null
  readonly apiKey: string | null
}

const LONGEST = 512
const MOST_DATA = 8192
const MOST_LISTED = 200
/** None of them may stand in a field: a line break is what separates fields. PostgreSQL takes no NUL. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/g
/** Texts with none of these, which are nearly all, stay as they are: asked once instead of made anew. */
// oxlint-disable-next-line no-control-regex
const TO_CLEAN = /[\u0000-\u001f\u007f\ud800-\udfff]/
// oxlint-disable-next-line no-control-regex
const TO_CUT = /[\u0000\ud800-\udfff]/

export function toRecord(event: SecurityEvent): AuditRecord {
  return {
    at: Math.trunc(event.time),
    type: event.type,
    class: classOf(event.type),
    level: event.level,
    control: event.control,
    method: clean(event.method),
    requestId: clean(event.requestId),
    client: clean(event.client),
    principal: clean(event.principal),
    impersonator: clean(event.impersonator),
    path: clean(event.path),
    data: event.data === undefined ? null : canonical(event.data),
    ...subjectsOf(event),
  }
}

function subjectsOf({ principal, impersonator, session, apiKey, data = {} }: SecurityEvent): Subjects {
  const own = clean(principal)
  const userId = text(data['userId']) ?? own
  const acting = [clean(impersonator), own, actorOf(data['actor'])].find((id) => id !== null && id !== userId)
  return {
    userId,
    actorId: acting ?? null,
    session: text(data['session']) ?? first(data['sessions']) ?? clean(session),
    apiKey: text(data['key']) ?? first(data['keys']) ?? clean(apiKey),
  }
}

/** The open part. What it says can never be blanked: when, what kind of event, which request. */
export function openText(record: Pick<AuditRecord, 'at' | 'type' | 'level' | 'control' | 'method' | 'requestId'>): string {
  const { at, type, level, control, method, requestId } = record
  return `${at}\n${type}\n${level}\n${control}\n${method ?? ''}\n${requestId ?? ''}`
}

/** With the ids that the event is found by: whoever changed them would hide it. */
export function whoText(record: Pick<AuditRecord, 'client' | 'principal' | 'impersonator' | keyof Subjects>): string {
  const { client, principal, impersonator, userId, actorId, session, apiKey } = record
  const acted = `${client ?? ''}\n${principal ?? ''}\n${impersonator ?? ''}`
  return `${acted}\n${userId ?? ''}\n${actorId ?? ''}\n${session ?? ''}\n${apiKey ?? ''}`
}

export function whatText({ path, data }: Pick<AuditRecord, 'path' | 'data'>): string {
  return `${path ?? ''}\n${data ?? ''}`
}

/** What stands for a part in the chain: base64url of SHA-256. */
export function commit(part: 'who' | 'what', salt: string, content: string): string {
  return digest(partText(part, salt, content))
}

/** A part as it is hashed. */
export function partText(part: 'who' | 'what', salt: string, content: string): string {
  return `${partHead(part)}${salt}\n${content}`
}

export const partHead = (part: 'who' | 'what'): string => `holdfast audit ${part}\n`
export const digest = (text: string): string => hash('sha256', text, 'base64url')

/** The leaf of the tree: its bytes, for who wants to compute it elsewhere. They tell nothing of `who` and `what`. */
export function leafText(seq: number, open: string, who: string, what: string): string {
  return `holdfast audit record\n${seq}\n${open}\n${who}\n${what}\n`
}

function clean(value: string | undefined): string | null {
  if (value === undefined || value === '') return null
  const short = shorten(value)
  return TO_CLEAN.test(short) ? short.toWellFormed().replace(CONTROL, '\u{FFFD}') : short
}

const shorten = (value: string): string => (value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value)

/** JSON with keys in order and without white space; what is endless is cut. */
function canonical(data: NonNullable<SecurityEvent['data']>): string | null {
  const given: [string, EventValue][] = []
  const short: [string, unknown][] = []
  for (const key of Object.keys(data)) {
    const value = data[key]
    if (value === undefined) continue
    given.push([key, value])
    short.push([key, cut(value)])
  }
  if (given.length === 0) return null
  const json = sortedJson(short)
  if (json.length <= MOST_DATA) return json
  // What an event is found by stays.
  const kept = given.filter(([key, value]) => FOUND_BY.includes(key) && typeof value === 'string')
  return sortedJson([['cut', json.length], ...kept.map(([key, value]) => [key, cut(value)] as const)])
}

const FOUND_BY: readonly string[] = ['actor', 'key', 'session', 'userId']

/** The text that is hashed: also of data that was read back from JSON. */
export function sortedJson(entries: readonly (readonly [string, unknown])[]): string {
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1))
  let json = ''
  for (const [key, value] of sorted) json += `${json === '' ? '' : ','}${JSON.stringify(key)}:${JSON.stringify(value)}`
  return `{${json}}`
}

function cut(value: EventValue): unknown {
  if (typeof value === 'string') {
    const short = shorten(value)
    return TO_CUT.test(short) ? short.toWellFormed().replaceAll('\u0000', '\u{FFFD}') : short
  }
  if (Array.isArray(value)) return value.slice(0, MOST_LISTED).map((one) => cut(one as EventValue))
  return value
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? clean(value) : null
}

function first(value: unknown): string | null {
  return Array.isArray(value) ? text(value[0]) : null
}

/** `user:ID`, as accounts name who acted. */
function actorOf(value: unknown): string | null {
  return typeof value === 'string' && value.startsWith('user:') ? text(value.slice('user:'.length)) : null
}
