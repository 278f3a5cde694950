/**
 * Collects what browsers report about blocked content: one event for each kind of violation a minute and each of three clients, however many reports come.
 * Anybody may post here, so nothing in a report is believed; it is bounded, cut to what helps, and never echoed (A103).
 * Sources: W3C Reporting API §2.4 and §8 (reports are untrusted), CSP Level 3 §5.3; OWASP Logging Cheat Sheet.
 */
import type { Emit } from '../../engine/events.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Client } from '../../engine/facts.ts'
import { answer, deny, type Reply } from '../../engine/reply.ts'
import { isControlCode } from '../../http/ascii.ts'
import { parseJson } from '../../http/json.ts'
import { parseMediaType } from '../../http/media-type.ts'
import { readStream } from '../../http/read-stream.ts'

export interface CollectorSetting {
  readonly emit: Emit
  readonly now: () => number
  /** Kinds of violation that are told a minute; the rest is only counted. */
  readonly groupsPerMinute: number
}

export type Collector = (x: Exchange) => Promise<Reply>

const LARGEST = 16_384
const MINUTE = 60_000
const LONGEST = 200
/** Clients that are told of one kind: that several saw it says more than that one did. */
const CLIENTS = 3
const LIMITS = { depth: 8, keys: 1000 }

interface Violation {
  readonly kind: string
  readonly directive: string
  readonly blocked: string
  /** Path of the page, without its query. */
  readonly document: string
  readonly disposition: string
}

export function createCollector({ emit, now, groupsPerMinute }: CollectorSetting): Collector {
  const groups = new Map<string, Set<string>>()
  let minute = 0
  let repeated = 0
  let dropped = 0

  /** Says how much was left out, and begins to count anew. */
  function turn(current: number): void {
    if (repeated + dropped > 0)
      emit({ type: 'browser_report', level: 'info', data: { kind: 'summary', groups: groups.size, repeated, dropped } })
    groups.clear()
    minute = current
    repeated = dropped = 0
  }

  function note(violation: Violation, x: Exchange): void {
    const { kind, directive, blocked, document } = violation
    const key = [kind, directive, blocked, document].join('\n')
    const from = x.get(Client)?.network ?? 'unknown'
    const told = groups.get(key)
    if (told && (told.has(from) || told.size >= CLIENTS)) repeated++
    else if (!told && groups.size >= groupsPerMinute) dropped++
    else {
      groups.set(key, (told ?? new Set()).add(from))
      emit({ type: 'browser_report', data: { ...violation } }, x)
    }
  }

  return async (x) => {
    const media = parseMediaType(x.header('content-type'))
    const type = media.ok ? media.type : undefined
    if (type !== 'application/reports+json' && type !== 'application/csp-report')
      return deny(415, 'unsupported-media-type', { close: true })
    const body = x.stream && (await readStream(x.stream, LARGEST))
    if (!body?.ok) return deny(body?.reason === 'too-large' ? 413 : 400, 'bad-report', { close: true })
    const json = parseJson(body.bytes.toString('utf8'), LIMITS)
    if (!json.ok) return deny(400, 'bad-report', { reason: json.reason })
    const current = Math.floor(now() / MINUTE)
    if (current !== minute) turn(current)
    for (const violation of violations(json.value)) note(violation, x)
    return answer(204, { 'cache-control': 'no-store' })
  }
}

/** Both shapes: a list of reports, or one report under `csp-report`. */
function violations(value: unknown): Violation[] {
  if (!Array.isArray(value)) return [describe('csp-violation', record(record(value)['csp-report']), undefined)]
  return value.map((item) => describe(text(record(item)['type']), record(record(item)['body']), record(item)['url']))
}

function describe(kind: string, body: Readonly<Record<string, unknown>>, url: unknown): Violation {
  return {
    kind,
    directive: text(body['effectiveDirective'] ?? body['effective-directive'] ?? body['violated-directive'] ?? body['id']),
    blocked: place(body['blockedURL'] ?? body['blocked-uri']),
    document: place(body['documentURL'] ?? body['document-uri'] ?? url),
    disposition: text(body['disposition']),
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** Origin and path: queries and fragments carry tokens. A `data:` URL is only its scheme. */
function place(value: unknown): string {
  if (typeof value !== 'string') return ''
  const url = value.includes(':') ? URL.parse(value.slice(0, 2048)) : null
  if (url === null) return text(value.split(/[?#]/, 1)[0])
  return text(url.host === '' ? url.protocol : `${url.origin}${url.pathname}`)
}

/** At most 200 characters, none of them a control. */
function text(value: unknown): string {
  if (typeof value !== 'string') return ''
  let clean = ''
  for (const character of value.slice(0, LONGEST)) if (!isControlCode(character.charCodeAt(0))) clean += character
  return clean
}
