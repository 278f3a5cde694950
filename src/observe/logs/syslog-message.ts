/**
 * One event as a message of syslog, in ASCII alone and in one line: what a client sent can neither end it nor begin another.
 * Source: RFC 5424 §6; RFC 5426 §3.1 (datagrams of 2048 octets are taken by all that should be used).
 */
import type { Level, SecurityEvent } from '../../engine/events.ts'
import { asciiOnly } from '../safe-text.ts'
import { line } from './line.ts'

/** RFC 5424 §6.2.1; the ones that are meant for what this log tells, and those for local use. */
export const FACILITIES = {
  user: 1,
  daemon: 3,
  auth: 4,
  authpriv: 10,
  audit: 13,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const
export type Facility = keyof typeof FACILITIES

const SEVERITIES: Readonly<Record<Level, number>> = { critical: 2, warn: 4, info: 6 }

export interface SyslogNames {
  readonly facility: Facility
  /** HOSTNAME and APP-NAME. */
  readonly host: string
  readonly app: string
  readonly pid: number
}

/** `longest`: octets; of an event that is longer the facts are left out. */
export function syslogMessage(event: SecurityEvent, { facility, host, app, pid }: SyslogNames, longest = 65_536): Buffer {
  const priority = FACILITIES[facility] * 8 + SEVERITIES[event.level]
  const head = `<${priority}>1 ${new Date(event.time).toISOString()} ${word(host, 255)} ${word(app, 48)} ${pid} ${word(event.type, 32)} - `
  const whole = head + asciiOnly(line(event))
  if (whole.length <= longest) return Buffer.from(whole, 'ascii')
  const { type, level, control, time, requestId, client, principal } = event
  const short = { type, level, control, time, data: { cut: whole.length } }
  const who = { ...(requestId && { requestId }), ...(client && { client }), ...(principal && { principal }) }
  return Buffer.from((head + asciiOnly(line({ ...short, ...who }))).slice(0, longest), 'ascii')
}

/** PRINTUSASCII (RFC 5424 §6): anything else would begin another field. */
function word(text: string, longest: number): string {
  return text.replaceAll(/[^!-~]/g, '_').slice(0, longest) || '-'
}

/** Octet counting (RFC 6587 §3.4.1, RFC 5425 §4.3): how long a message is stands before it, so that no byte in it can end it. */
export function counted(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${message.length} `, 'ascii'), message])
}
