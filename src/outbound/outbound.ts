/**
 * Requests to other servers, for addresses that somebody else may have had a hand in: `fetch` with a guard in front.
 * Stops server-side request forgery: every address of the host is checked, the connection is pinned to them, each redirect is checked
 * again; and answers that never end, never come, or unpack to more than was agreed.
 * Sources: OWASP Server-Side Request Forgery Prevention Cheat Sheet; OWASP ASVS 5.0 1.3.6 and 13.2; CWE-918, CWE-409.
 */
import { lookup } from 'node:dns/promises'
import { OutboundError } from './errors.ts'
import { exchange, type Answer, type Sending } from './exchange.ts'
import { readLimits, readReach, type OutboundOptions, type OutboundReport, type Resolve } from './options.ts'
import { readTarget, resolveTarget } from './target.ts'

/** What a request may say; a part of what `fetch` takes. */
export interface OutboundInit {
  /** @default 'GET' */
  readonly method?: string
  readonly headers?: ConstructorParameters<typeof Headers>[0]
  /** Bytes or text; a stream cannot be sent again after a redirect, and is not taken. */
  readonly body?: string | Uint8Array | URLSearchParams | ArrayBuffer | ReadableStream | null | undefined
  /** As in `fetch`. `manual`: an answer that leads on is returned as it is. @default 'follow' */
  readonly redirect?: 'follow' | 'manual' | 'error'
  readonly signal?: AbortSignal | null
}

export interface Outbound {
  /**
   * As `fetch`, and guarded. Resolves when the whole answer is there. Rejects with `OutboundError`, or with what `signal` was aborted
   * with. Takes no cookies and keeps none.
   */
  fetch(url: string | URL, init?: OutboundInit): Promise<Response>
}

const METHOD = /^[A-Z]{3,16}$/
const REDIRECTS = new Set([301, 302, 303, 307, 308])
/** Statuses that `Response` takes without a body alone. */
const EMPTY = new Set([204, 205, 304])
/** What goes along to another origin. Everything else might let somebody in (CVE-2022-27776, CVE-2023-45143). */
const HARMLESS = new Set(['accept', 'accept-language', 'user-agent', 'content-type'])
/** Said by us, or about one connection. */
const OURS = [
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'te',
  'upgrade',
  'expect',
  'accept-encoding',
]

/**
 * Makes a guard. Throws RangeError for options that cannot work.
 *
 * @example
 * const outbound = createOutbound({ allow: ['api.example'] })
 * const answer = await outbound.fetch('https://api.example/rates')
 */
export function createOutbound(options: OutboundOptions = {}): Outbound {
  const limits = readLimits(options)
  const reach = readReach(options)
  const { ca, report, resolve = systemResolve } = options

  async function fetch(address: string | URL, init: OutboundInit = {}): Promise<Response> {
    const ended = new AbortController()
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new OutboundError('too-late', hostOf(address))), limits.timeout)
    const stop = () => ended.abort(init.signal!.reason)
    init.signal?.addEventListener('abort', stop, { once: true })
    if (init.signal?.aborted) stop()
    const signal = AbortSignal.any([ended.signal, late.signal])
    try {
      return await follow(readTarget(address), init, signal)
    } catch (error) {
      // Whatever the connection made of it: they gave up, and said why.
      if (ended.signal.aborted) throw ended.signal.reason
      if (error instanceof OutboundError) report?.(reportOf(error, hostOf(address)))
      throw error
    } finally {
      clearTimeout(timer)
      init.signal?.removeEventListener('abort', stop)
    }
  }

  async function follow(first: URL, { redirect = 'follow', ...init }: OutboundInit, signal: AbortSignal): Promise<Response> {
    let url = first
    let sending = readSending(init)
    for (let hops = 0; ; hops++) {
      const target = await orAborted(resolveTarget(url, reach, resolve), signal)
      const answer = await exchange(target, sending, { limits, ca, signal })
      const location = REDIRECTS.has(answer.status) ? answer.headers.get('location') : null
      if (location === null || redirect === 'manual') return toResponse(answer, url.hostname)
      if (redirect === 'error' || hops === limits.redirects) throw new OutboundError('redirect', url.hostname)
      const next = nextOf(location, url)
      sending = resend(sending, answer.status, url, next)
      url = next
    }
  }

  return { fetch }
}

/** The addresses that the system knows, also from its file of hosts: what a connection would take. */
const systemResolve: Resolve = async (hostname) => (await lookup(hostname, { all: true })).map(({ address }) => address)

function reportOf(error: OutboundError, host: string): OutboundReport {
  const type = error.refused ? 'outbound_refused' : 'outbound_failed'
  return { type, host, reason: error.reason, ...(error.host !== host && { ledTo: error.host }) }
}

function hostOf(address: string | URL): string {
  return URL.parse(String(address))?.hostname ?? 'an address that cannot be read'
}

function readSending({ method = 'GET', headers, body }: OutboundInit): Sending {
  if (!METHOD.test(method) || method === 'CONNECT' || method === 'TRACE')
    throw new TypeError(`${method} is no method that is sent.`)
  const own = new Headers(headers)
  for (const name of OURS) own.delete(name)
  own.set('accept-encoding', 'identity')
  const bytes = bytesOf(body)
  if (body instanceof URLSearchParams && !own.has('content-type'))
    own.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8')
  return { method, headers: own, body: bytes }
}

function bytesOf(body: OutboundInit['body']): Buffer | undefined {
  if (body === undefined || body === null) return undefined
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof URLSearchParams) return Buffer.from(body.toString())
  if (body instanceof ArrayBuffer) return Buffer.from(body)
  if (body instanceof Uint8Array) return Buffer.from(body)
  throw new TypeError('The body is a stream. Give text or bytes.')
}

function nextOf(location: string, from: URL): URL {
  const next = URL.parse(location, from.href)
  if (next === null || (from.protocol === 'https:' && next.protocol !== 'https:'))
    throw new OutboundError('redirect', from.hostname)
  return readTarget(next)
}

/** What goes along on the way (Fetch, "HTTP-redirect fetch"): to another origin nothing that could let somebody in, and no body. */
function resend({ method, headers, body }: Sending, status: number, from: URL, next: URL): Sending {
  const asGet = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST'
  const kept = asGet ? { method: 'GET', body: undefined } : { method, body }
  const same = from.origin === next.origin
  if (!same && kept.body !== undefined) throw new OutboundError('redirect', from.hostname)
  const own = new Headers(headers)
  for (const name of headers.keys()) if (!same && name !== 'accept-encoding' && !HARMLESS.has(name)) own.delete(name)
  if (kept.body === undefined) own.delete('content-type')
  return { ...kept, headers: own }
}

function toResponse({ status, statusText, headers, body }: Answer, host: string): Response {
  if (status < 200 || status > 599) throw new OutboundError('malformed', host)
  return new Response(EMPTY.has(status) ? null : new Uint8Array(body), { status, statusText, headers })
}

/** A resolver cannot be stopped; its answer is waited for no longer than the rest. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
