/** The server itself: time limits that hold, answers for what the parser refuses, WebSocket upgrades, a clean stop. */
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { wholeHead } from '../engine/head.ts'
import { http } from '../http/node-http.ts'
import { HTTP2_OPTIONS, limitServer, SERVER_OPTIONS } from '../http/server-options.ts'
import { clientTlsOptions, type ClientCertificatesSetting } from '../tls/client-certificate.ts'
import { serveSource } from '../tls/serve.ts'
import type { CertificateSource } from '../tls/source.ts'
import { carry, type Guard } from '../engine/carrier.ts'
import { watchHttp2, type Http2Limits, type Sessions } from './http2-watch.ts'
import { inbound } from './node.ts'

export { redirectServer, type RedirectSetting } from './redirect-server.ts'

export interface Certificate {
  /** PEM. */
  readonly key: string
  /** PEM, the whole chain. */
  readonly cert: string
}

export interface TlsSetting {
  /** Whether HTTP/2 is offered, and its limits where the usual ones do not fit. @default false */
  readonly http2?: boolean | Partial<Http2Limits>
  /** Refuse who asks for a host that no certificate is for, instead of showing the first. @default false */
  readonly strictNames?: boolean
  /** Certificates that clients show: which authority vouches for them. @default clients are not asked */
  readonly clientCertificates?: ClientCertificatesSetting
}

export interface ServerSetting {
  /**
   * Serves https, with a pair that stays or certificates that change: `acmeCertificates`, `watchedFiles`. Without it: plain http, for
   * loopback or behind a declared proxy.
   */
  readonly tls?: (Certificate | { readonly certificates: CertificateSource }) & TlsSetting
}

/** A server with limits on how slow a client may be (RFC-silent; see the body control's README for why these figures). */
export function createServer(guard: Guard, listener: RequestListener, { tls }: ServerSetting = {}): Server {
  const server = tls ? openTls(guard, listener, tls) : http.createServer(SERVER_OPTIONS, listener)
  limitServer(server)
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseUnreadable(guard, error, socket))
  return server
}

function openTls(guard: Guard, listener: RequestListener, tls: NonNullable<ServerSetting['tls']>): Server {
  const { http2: second = false, strictNames, clientCertificates } = tls
  const source = 'certificates' in tls ? tls.certificates : fixed(tls)
  const more = clientCertificates ? clientTlsOptions(clientCertificates) : {}
  const protocols = second === false ? ['http/1.1'] : ['h2', 'http/1.1']
  const serving = serveSource(source, { protocols, strictNames, more })
  const options = { ...SERVER_OPTIONS, ...serving.options }
  if (second === false) {
    const server = https.createServer(options, listener)
    serving.bind(server)
    return server
  }
  // The compatibility API of http2 gives the listener the same two objects (Node's documentation, "Compatibility API").
  const server = http2.createSecureServer({ ...options, ...HTTP2_OPTIONS, allowHTTP1: true }, unlessTakenBack(listener) as never)
  serving.bind(server)
  const limits = typeof second === 'object' ? { limits: second } : {}
  const sessions = watchHttp2(server, { emit: guard.emit, now: guard.now, ...limits })
  return withConnections(server as unknown as Server, sessions)
}

/** A server of HTTP/2 lacks what ends connections: those of HTTP/2, those that speak HTTP/1.1, and those in the middle of a handshake. */
function withConnections(server: Server, sessions: Sessions): Server {
  const [sockets, spoken, busy] = [new Set<Socket>(), new Set<Socket>(), new Set<Socket>()]
  const keep = (set: Set<Socket>) => (socket: Socket) => {
    set.add(socket)
    socket.on('close', () => set.delete(socket))
  }
  server.on('connection', keep(sockets))
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') return
    if (server.listening) keep(spoken)(socket)
    else socket.destroy() // its handshake ended after the server was closed
  })
  server.on('request', ({ httpVersionMajor, socket }: IncomingMessage, response) => {
    if (httpVersionMajor > 1) return
    busy.add(socket)
    response.on('close', () => busy.delete(socket))
  })
  return Object.assign(server, {
    closeIdleConnections() {
      sessions.closeIdle()
      for (const socket of spoken) if (!busy.has(socket)) socket.destroy()
    },
    closeAllConnections() {
      sessions.closeAll()
      for (const socket of sockets) socket.destroy()
    },
  })
}

/**
 * Node calls for each request of what it has read at once, up to 64 KiB of them, before it looks at the resets between them. One turn
 * later those are seen, and what was taken back meanwhile costs nothing (CVE-2023-44487).
 */
function unlessTakenBack(listener: RequestListener): RequestListener {
  return (request, response) => {
    const { stream } = request as IncomingMessage & {
      readonly stream?: { readonly destroyed: boolean; readonly closed: boolean }
    }
    if (stream === undefined) return listener(request, response)
    setImmediate(() => {
      if (!stream.destroyed && !stream.closed) listener(request, response)
    })
  }
}

function fixed({ key, cert }: Certificate): CertificateSource {
  return { pairs: () => [{ key, cert }], onChange: () => () => {}, stop: () => Promise.resolve() }
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
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${text}\r\n${body}`)
}

/** Stops taking requests, lets the running ones finish for `grace` milliseconds, then closes what is left. */
export function drain(server: Server, grace = 10_000): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.closeAllConnections()
    }, grace)
    // A kept connection whose last answer went out after `close` would stay open for its whole keep-alive time.
    const sweep = setInterval(() => server.closeIdleConnections(), 50)
    server.close(() => {
      clearTimeout(timer)
      clearInterval(sweep)
      resolve()
    })
  })
}
