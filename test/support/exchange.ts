/** Runs controls without a server: a made-up request in, the reply, the head and the events out. */
import { Readable } from 'node:stream'
import { randomToken } from '../../src/crypto/random.ts'
import type { Control, Setting, Site } from '../../src/engine/control.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { createBus } from '../../src/engine/bus.ts'
import type { SecurityEvent } from '../../src/engine/events.ts'
import type { Head, Inbound } from '../../src/engine/exchange.ts'
import { wholeHead } from '../../src/engine/head.ts'
import type { Finding } from '../../src/engine/finding.ts'
import type { Passage } from '../../src/engine/passage.ts'
import { planControls } from '../../src/engine/pipeline.ts'
import { compileRoutes } from '../../src/engine/policy.ts'
import type { Reply } from '../../src/engine/reply.ts'
import { readSite } from '../../src/settings/site.ts'

export interface FakeRequest {
  /** @default 'GET' */
  readonly method?: string
  /** @default '/' */
  readonly target?: string
  /** @default '192.0.2.1' */
  readonly peer?: string
  /** @default true */
  readonly encrypted?: boolean
  /** @default '1.1' */
  readonly httpVersion?: string
  /** @default false */
  readonly upgrade?: boolean
  /** By any case of name, or as pairs where a name stands twice. `host: app.example` is added unless `host` is given. */
  readonly headers?: Readonly<Record<string, string | undefined>> | readonly (readonly [string, string])[]
  /** Adds Content-Length unless it or Transfer-Encoding is given. */
  readonly body?: string | Buffer | Readable
}

/** Of these, node keeps the first and drops the rest; all others are joined. */
const SINGLE = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'from',
  'host',
  'location',
  'referer',
  'user-agent',
])

/** A request as an adapter would show it, with node's rules for names that stand twice. */
export function fakeInbound(request: FakeRequest = {}): Inbound {
  const {
    method = 'GET',
    target = '/',
    peer = '192.0.2.1',
    encrypted = true,
    httpVersion = '1.1',
    upgrade = false,
    body,
  } = request
  const pairs = pairsOf(request)
  const headers = new Map<string, string>()
  for (const [name, value] of pairs) {
    const key = name.toLowerCase()
    const before = headers.get(key)
    if (before === undefined) headers.set(key, value)
    else if (!SINGLE.has(key)) headers.set(key, `${before}${key === 'cookie' ? ';' : ','} ${value}`)
  }
  const stream = upgrade
    ? undefined
    : body instanceof Readable
      ? body
      : Readable.from(body === undefined ? [] : [Buffer.from(body)], { objectMode: false })
  return {
    method,
    target,
    peer,
    encrypted,
    httpVersion,
    upgrade,
    rawHeaders: pairs.flat(),
    header: (name) => headers.get(name) ?? (name === 'host' ? headers.get(':authority') : undefined),
    stream,
  }
}

function pairsOf({ headers = {}, body }: FakeRequest): (readonly [string, string])[] {
  const given = Array.isArray(headers) ? (headers as readonly (readonly [string, string])[]) : Object.entries(headers)
  const has = (...names: string[]) => given.some(([name]) => names.includes(name.toLowerCase()))
  const pairs: (readonly [string, string | undefined])[] = has('host', ':authority')
    ? [...given]
    : [['Host', 'app.example'], ...given]
  const framed = has('content-length', 'transfer-encoding')
  if (!framed && body instanceof Readable) pairs.push(['Transfer-Encoding', 'chunked'])
  else if (!framed && body !== undefined && !(body instanceof Readable))
    pairs.push(['Content-Length', String(Buffer.byteLength(body))])
  return pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined)
}

export interface Surroundings extends Partial<Omit<Setting<never>, 'options' | 'site' | 'emit'>> {
  /** @default 'https://app.example' */
  readonly origin?: string
  /** Lines of the central table: `public`. @default none */
  readonly public?: readonly string[]
}

export interface Ran {
  /** What ended the request, or nothing: it would have reached the application. */
  readonly reply: Reply | undefined
  /** The response head after `leave`. */
  readonly head: Head
  readonly cookies: readonly string[]
  /** What was said during this request. */
  readonly events: readonly SecurityEvent[]
  readonly x: Passage
  /** What a control threw. */
  readonly faults: readonly unknown[]
}

export interface Running {
  /** One request, in and out. `handler` stands for the application; it runs when no control replied. */
  run(request?: FakeRequest | Inbound, handler?: (x: Passage) => void | Promise<void>): Promise<Ran>
  /** Everything said so far. */
  readonly events: SecurityEvent[]
  readonly findings: readonly Finding[]
  /** Milliseconds; set it to move time. Starts at 2026-01-01. */
  readonly clock: { now: number }
}

/** Starts controls once, for many requests. Nothing of `surroundings` is faked: give the stores and services the controls use. */
export function startControls(
  list: readonly Control[],
  options: Readonly<Record<string, unknown>> = {},
  surroundings: Surroundings = {},
): Running {
  const clock = { now: Date.UTC(2026, 0, 1) }
  const now = surroundings.now ?? (() => clock.now)
  const events: SecurityEvent[] = []
  const faults: unknown[] = []
  const bus = createBus(now, (error) => faults.push(error))
  bus.on((event) => events.push(event))
  const { origin, public: open, ...rest } = surroundings
  const settingFor = (control: string) => ({ ...baseSetting(origin, open ?? [], now), ...rest, emit: bus.emitter(control) })
  const plan = { production: rest.production ?? false, now: now() }
  const { findings, start } = planControls(list, options, plan)
  const { hooks } = start(settingFor as never)
  const engine = createEngine(hooks, {
    now,
    emit: bus.emitter('engine'),
    render: (_, { status, head = {}, body = '', close = false }) => ({ status, head, body, close }),
    onFault: (error) => faults.push(error),
  })

  async function run(request: FakeRequest | Inbound = {}, handler?: (x: Passage) => void | Promise<void>): Promise<Ran> {
    const [firstEvent, firstFault] = [events.length, faults.length]
    const x = engine.open('rawHeaders' in request ? request : fakeInbound(request))
    const reply = await engine.enter(x)
    if (reply === undefined) await handler?.(x)
    engine.leave(x)
    return {
      reply,
      head: new Map(wholeHead(x.fixed, x.head)),
      cookies: x.cookies,
      events: events.slice(firstEvent),
      x,
      faults: faults.slice(firstFault),
    }
  }

  return { run, events, findings, clock }
}

/** One request through controls that start for it. */
export function runControls(
  list: readonly Control[],
  options: Readonly<Record<string, unknown>> = {},
  request: FakeRequest | Inbound = {},
  surroundings: Surroundings = {},
): Promise<Ran> {
  return startControls(list, options, surroundings).run(request)
}

function baseSetting(origin: string | undefined, open: readonly string[], now: () => number): Partial<Setting<never>> {
  const site: Site = readSite(origin ?? 'https://app.example')
  return {
    site,
    production: false,
    routes: compileRoutes(open, [], now()),
    now,
    random: randomToken,
    use(service) {
      throw new Error(`This test gave no service "${service.name}".`)
    },
  }
}
