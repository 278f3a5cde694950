/** The server itself: time limits that hold, answers for what the parser refuses, WebSocket upgrades, a clean stop. */
import http, { STATUS_CODES, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { wholeHead } from '../engine/head.ts'
import { HTTP2_OPTIONS, limitServer, SERVER_OPTIONS } from '../http/server-options.ts'
import { tlsOptions } from '../tls/server.ts'
import { carry, type Guard } from '../engine/carrier.ts'
import { inbound } from './node.ts'

export interface Certificate {
  /** PEM. */
  readonly key: string
  /** PEM, the whole chain. */
  readonly cert: string
}

export interface ServerSetting {
  /** Serves https. Without it: plain http, for loopback or behind a declared proxy. */
  readonly tls?: Certificate & { readonly http2?: boolean }
}

/** A server with limits on how slow a client may be (RFC-silent; see the body control's README for why these figures). */
export function createServer(guard: Guard, listener: RequestListener, { tls }: ServerSetting = {}): Server {
  const server = open(listener, tls)
  limitServer(server)
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseUnreadable(guard, error, socket))
  return server
}

function open(listener: RequestListener, tls: ServerSetting['tls']): Server {
  if (!tls) return http.createServer(SERVER_OPTIONS, listener)
  const options = { ...SERVER_OPTIONS, ...tlsOptions(tls, tls.http2 ? ['h2', 'http/1.1'] : undefined) }
  if (!tls.http2) return https.createServer(options, listener)
  // The compatibility API of http2 gives the listener the same two objects (Node's documentation, "Compatibility API").
  return http2.createSecureServer({ ...options, ...HTTP2_OPTIONS, allowHTTP1: true }, listener as never) as unknown as Server
}

/** Called for a WebSocket that may be opened. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Lets WebSockets in by the same controls as requests: origin, session, limits. Without a handler none is opened. */
export function onUpgrade(guard: Guard, server: Server, handler: UpgradeHandler): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const x = guard.engine.open(inbound(request, true))
    carry(request, { guard, x })
    void Promise.resolve(guard.engine.enter(x)).then((reply) => {
      if (!reply) {
        try {
          return handler(request, socket, head)
        } catch (error) {
          reply = guard.engine.fault(x, error)
        }
      }
      const { status, head: fields, body } = guard.engine.render(x, reply)
      guard.engine.leave(x)
      write(
        socket,
        status,
        { ...fields, ...Object.fromEntries([...wholeHead(x.fixed, x.head)].filter(([, value]) => value !== null)) },
        body,
      )
    })
  })
}

/** What llhttp refuses never becomes a request; it still gets a strict answer and stands in the log. */
function refuseUnreadable(guard: Guard, error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  // A control has answered already, and the parser fails on the rest of the same message: one request, one answer.
  if ((socket as Duplex & { _httpMessage?: { headersSent: boolean } })._httpMessage?.headersSent) return void socket.end()
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  guard.emit({
    type: 'input_validation_fail',
    data: { reason: 'unreadable-request', status, parser: error.code, peer: peerOf(socket) },
  })
  write(
    socket,
    status,
    {
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    },
    '',
  )
}

/** There is no request yet, and so no client: the other end of the socket is all that is known. */
function peerOf(socket: Duplex): string | undefined {
  return (socket as Partial<Socket>).remoteAddress
}

function write(socket: Duplex, status: number, head: object, body: string): void {
  const lines = Object.entries({ ...head, 'content-length': Buffer.byteLength(body), connection: 'close' })
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${text}\r\n${body}`)
}

/** Stops taking requests, lets the running ones finish for `grace` milliseconds, then closes what is left. */
export function drain(server: Server, grace = 10_000): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections?.(), grace)
    // A kept connection whose last answer went out after `close` would stay open for its whole keep-alive time.
    const sweep = setInterval(() => server.closeIdleConnections?.(), 50)
    server.close(() => {
      clearTimeout(timer)
      clearInterval(sweep)
      resolve()
    })
  })
}
