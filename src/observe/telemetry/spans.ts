/**
 * One span of OpenTelemetry for each request, with what happened in it as events. Users and sessions stand in it as keyed hashes: who reads
 * traces can follow one, and learns nothing that opens or names it.
 * Source: OpenTelemetry semantic conventions for HTTP, enduser and session; W3C Trace Context §7 (a trace context that comes from outside
 * is not to be trusted: it is linked, and begins no trace of ours).
 */
import type { Context, Span, Tracer } from '@opentelemetry/api'
import type { Answered, Answers } from '../../engine/answers.ts'
import type { Site } from '../../engine/control.ts'
import type { Bus } from '../../engine/bus.ts'
import type { SecurityEvent } from '../../engine/events.ts'
import { Client, Encrypted, Principal, RequestId } from '../../engine/facts.ts'
import type { Passage } from '../../engine/passage.ts'
import { methodOf, routeOf } from '../metrics/requests.ts'
import { OTHER } from '../metrics/label-sets.ts'

export type OpenTelemetryApi = typeof import('@opentelemetry/api')

export interface SpanSetting {
  readonly api: OpenTelemetryApi
  readonly tracer: Tracer
  readonly answers: Answers
  readonly bus: Pick<Bus, 'on'>
  readonly site: Pick<Site, 'hostname'>
  /** The kit's own paths, which no table of the application names. */
  readonly ownPaths: ReadonlySet<string>
  /** A keyed hash: the same for the same text, useless without our keys. */
  readonly mark: (text: string) => string
  /** Id of the session of a request. */
  readonly sessionOf: (x: Passage) => string | undefined
}

export interface Spans {
  readonly around: (x: Passage, run: () => void) => void
  stop(): void
}

export function createSpans({ api, tracer, answers, bus, site, ownPaths, mark, sessionOf }: SpanSetting): Spans {
  const { context, trace, SpanKind, SpanStatusCode } = api
  const spans = new WeakMap<Passage, Span>()
  /** The span of the request, also where the application is in one of its own below it. */
  const own = api.createContextKey('holdfast.request')

  function begin(x: Passage): Context {
    const active = context.active()
    // Where the server itself is instrumented, it has decided which trace this belongs to.
    const inside = trace.getSpan(active) !== undefined
    const options = { kind: inside ? SpanKind.INTERNAL : SpanKind.SERVER, startTime: x.time, links: inside ? [] : linksOf(x) }
    const span = tracer.startSpan(methodOf(x.method), options, active)
    spans.set(x, span)
    return trace.setSpan(active.setValue(own, span), span)
  }

  function linksOf(x: Passage) {
    const remote = api.propagation.extract(api.ROOT_CONTEXT, x, { get: (from, name) => from.header(name), keys: () => [] })
    const told = trace.getSpanContext(remote)
    return told && api.isSpanContextValid(told) ? [{ context: told }] : []
  }

  function end(answered: Answered): void {
    const span = spans.get(answered.x)
    if (span === undefined) return
    if (span.isRecording()) describe(span, answered)
    span.end()
  }

  function describe(span: Span, { x, status, complete }: Answered): void {
    const route = routeOf({ x }, ownPaths)
    const [requestId, client, principal, session] = [x.get(RequestId), x.get(Client), x.get(Principal), sessionOf(x)]
    span.updateName(route === OTHER ? methodOf(x.method) : `${methodOf(x.method)} ${route}`)
    span.setAttributes({
      'http.request.method': methodOf(x.method) === OTHER ? '_OTHER' : x.method,
      'http.response.status_code': status,
      'url.scheme': (x.get(Encrypted) ?? x.encrypted) ? 'https' : 'http',
      'server.address': site.hostname,
      ...(route !== OTHER && { 'http.route': route }),
      ...(x.path !== '' && { 'url.path': x.path }),
      ...(client && { 'client.address': client.address }),
      ...(requestId !== undefined && { 'holdfast.request.id': requestId }),
      ...(principal && { 'enduser.pseudo.id': mark(principal.id) }),
      ...(session !== undefined && { 'session.id': mark(session) }),
      ...(x.denial && { 'holdfast.refusal.control': x.endedBy ?? 'route', 'holdfast.refusal.code': x.denial.code }),
      ...(!complete && { 'holdfast.answer.cut': true }),
      ...(status >= 500 && { 'error.type': String(status) }),
    })
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
  }

  function note(event: SecurityEvent): void {
    const span = context.active().getValue(own) as Span | undefined
    if (span?.isRecording() !== true) return
    span.addEvent(event.type, { 'holdfast.level': event.level, 'holdfast.control': event.control, ...factsOf(event) }, event.time)
  }

  const stops = [answers.on(end), bus.on(note)]
  return {
    around: (x, run) => context.with(begin(x), run),
    stop: () => stops.forEach((stop) => stop()),
  }
}

/** Of the facts of an event those that are words of ours. All others may name somebody. */
const TOLD = ['code', 'reason', 'door', 'limit', 'scope', 'per'] as const
/** A reason may also be a sentence that somebody wrote. */
const WORD = /^[a-z0-9-]{1,60}$/

function factsOf({ data }: SecurityEvent): Record<string, string> {
  const facts: Record<string, string> = {}
  for (const name of TOLD) {
    const value = data?.[name]
    if (typeof value === 'string' && WORD.test(value)) facts[`holdfast.${name}`] = value
  }
  return facts
}
