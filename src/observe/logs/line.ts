/** One event as one line of JSON. What a client sent can never begin a line of its own. */
import type { SecurityEvent } from '../../engine/events.ts'
import { escapeUnsafe } from '../safe-text.ts'

/**
 * Field order is fixed: time, level, type, then who and where, then the facts. Control characters, marks of direction and line separators
 * are escaped (CWE-117), endless texts cut.
 */
export function line({ time, data, ...event }: SecurityEvent): string {
  const { level, type, control, requestId, client, principal, impersonator, session, apiKey, method, path } = event
  const who = { requestId, client, principal, impersonator, session, apiKey, method, path }
  const record = { time: new Date(time).toISOString(), level, type, control, ...who, ...(data && { data }) }
  const text = escapeUnsafe(JSON.stringify(record, limit))
  // Many facts that are short each: what is left says that there were more.
  return text.length <= LONGEST_LINE ? text : escapeUnsafe(JSON.stringify({ ...record, data: { cut: text.length } }, limit))
}

const LONGEST = 512
const LONGEST_LINE = 16_384

function limit(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value
}
