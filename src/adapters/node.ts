/** Plain node:http and node:http2, and the way in for every other adapter: all of them end in one request listener. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Engine } from '../engine/engine.ts'
import type { Inbound } from '../engine/exchange.ts'
import type { Passage } from '../engine/passage.ts'
import { compileRequirement, type Requirement } from '../engine/policy.ts'
import { deny, type Reply } from '../engine/reply.ts'
import { carriedBy, carry, findCarried, type Guard } from '../engine/carrier.ts'
import { presentedBy } from '../tls/client-certificate.ts'
import { dress } from './head.ts'

/** An application for plain node. A rejected promise is answered like a thrown error. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

/** The listener to serve: `createServer(node(holdfast, handler))`. */
export function node(guard: Guard, handler: Handler): RequestListener {
  return (request, response) => {
    pass(guard, request, response, () => {
      try {
        const pending = handler(request, response)
        if (pending instanceof Promise) pending.catch((error: unknown) => fail(request, response, error))
      } catch (error) {
        fail(request, response, error)
      }
    })
  }
}

/** Asks for more than being signed in, around one handler. It can only tighten. */
export function requires(requirement: Requirement, handler: Handler): Handler {
  const check = checker(requirement)
  return (request, response) => {
    const refusal = check(request)
    return refusal ? send(request, response, refusal) : handler(request, response)
  }
}

/** A requirement compiled once: gives the refusal for a request, or nothing. Shared by the adapters' `requires`. */
export function checker(requirement: Requirement): (request: object) => Reply | undefined {
  const decide = compileRequirement(requirement)
  return (request) => {
    const { guard, x } = carriedBy(request)
    return guard.authorize(x, decide)
  }
}

/** Takes one request through the engine: to `next`, or to a reply of its own. */
export function pass(guard: Guard, request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const { engine } = guard
  const x = engine.open(inbound(request, false))
  carry(request, { guard, x })
  dress(engine, x, response)
  if (guard.answers.heard) {
    guard.answers.begin(x)
    response.on('close', tellAnswer)
  }
  if (guard.around) guard.around(x, () => walk(engine, x, request, response, next))
  else walk(engine, x, request, response, next)
}

/** One function for all responses: a closure on each would live as long as they do. */
function tellAnswer(this: ServerResponse): void {
  const { guard, x } = carriedBy(this.req)
  guard.answers.tell({ x, status: this.statusCode, time: guard.now(), complete: this.writableFinished })
}

function walk(engine: Engine, x: Passage, request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const verdict = engine.enter(x)
  if (verdict instanceof Promise) void verdict.then((reply) => (reply ? send(request, response, reply) : next()))
  else if (verdict) send(request, response, verdict)
  else next()
}

/** Answers for a handler that threw. When the answer had begun already, the connection ends: half a page is not a page. */
export function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const { guard, x } = carriedBy(request)
  const reply = guard.engine.fault(x, error)
  if (response.headersSent) response.destroy()
  else send(request, response, reply)
}

/** Nothing answers here. */
export function notFound(request: IncomingMessage, response: ServerResponse): void {
  send(request, response, deny(404, 'not-found'))
}

export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const { guard, x } = carriedBy(request)
  const resumable = guard.resume(x, reply)
  if (resumable instanceof Promise) void resumable.then((kept) => write(request, response, kept))
  else write(request, response, resumable)
}

function write(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const { guard, x } = carriedBy(request)
  if (response.headersSent || response.destroyed) return void response.destroy()
  const { status, head, body, close } = guard.engine.render(x, reply)
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  for (const name in head) response.setHeader(name, head[name]!)
  const bodyless = status === 204 || status === 304
  if (!bodyless) response.setHeader('content-length', Buffer.byteLength(body))
  // A body that nobody will read would be taken for the next request, or keep the socket busy.
  if ((close || unread(request)) && request.httpVersionMajor < 2) response.setHeader('connection', 'close')
  response.statusCode = status
  response.end(bodyless || request.method === 'HEAD' ? undefined : body)
}

/** The request as the engine sees it. `:authority` stands in for Host in HTTP/2 (RFC 9113 §8.3.1). */
export function inbound(request: IncomingMessage, upgrade: boolean): Inbound {
  const { headers, method = 'GET' } = request
  return {
    method,
    target: request.url ?? '',
    peer: request.socket.remoteAddress ?? '',
    encrypted: 'encrypted' in request.socket,
    httpVersion: request.httpVersion,
    upgrade,
    rawHeaders: request.rawHeaders,
    header: (name) => {
      const value = headers[name] ?? (name === 'host' ? headers[':authority'] : undefined)
      return typeof value === 'string' || value === undefined ? value : value.join(', ')
    },
    stream: upgrade ? undefined : request,
    clientCertificate: () => presentedBy(request.socket),
  }
}

/** The exchange of a request that may not have passed: for adapters whose framework can be entered by another way. */
export function passed(request: IncomingMessage): Passage | undefined {
  return findCarried(request)?.x
}

function unread(request: IncomingMessage): boolean {
  return (
    !request.complete &&
    (request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0)
  )
}
