/**
 * Watches connections of HTTP/2 for what Node lets pass: floods of SETTINGS and PING, connections without end, answers that nobody takes,
 * and networks that come again after each was closed (A87, CVE-2019-9512, CVE-2019-9515). What Node stops itself (rapid reset, CONTINUATION, empty DATA,
 * PRIORITY) is counted here too, so that it stands in the log. Source: RFC 9113 sections 5.4.1, 7 and 10.5.
 */
import { constants, type Http2Server, type ServerHttp2Session } from 'node:http2'
import type { Emit } from '../engine/events.ts'
import { network, parseAddress } from '../http/ip.ts'
import { HTTP2_LIMITS } from '../http/server-options.ts'
import { lookEvery, stalledAnswers } from './http2-stalled.ts'
import { memoryStore } from '../store/memory.ts'

/** See `HTTP2_LIMITS` for what each is and why it has that value. */
export type Http2Limits = { readonly [Name in keyof typeof HTTP2_LIMITS]: number }

interface Setting {
  readonly emit: Emit
  readonly now: () => number
  readonly limits?: Partial<Http2Limits>
}

const MINUTE = 60_000
const { NGHTTP2_ENHANCE_YOUR_CALM } = constants
/** Answers that are not taken, all at once: of a browser that sleeps some are left, and an attacker has as many as it may. */
const MANY = 20

/** How a server's connections of HTTP/2 are ended. */
export interface Sessions {
  /** Those without an open stream now, the others with their last one. */
  closeIdle(): void
  closeAll(): void
}

/** Watches the server's connections from now on. */
export function watchHttp2(server: Http2Server, { emit, now, limits: given }: Setting): Sessions {
  const limits = { ...HTTP2_LIMITS, ...given }
  // Bounded, and of this process: what it holds is worth nothing a minute later.
  const counts = memoryStore({ maxKeys: 100_000 })
  const sessions = new Set<ServerHttp2Session>()
  const perMinute = (limit: number) => ({ limit, period: MINUTE })
  let connections = 0

  function closeFor(session: ServerHttp2Session, attack: string, key: string): void {
    if (session.destroyed) return
    const { allowed } = take(`abuse ${key}`, limits.abusesPerMinute)
    emit({ type: 'malicious_http2', data: { attack, peer: session.socket.remoteAddress, ...(!allowed && { refused: true }) } })
    calm(session)
  }

  function take(key: string, limit: number, cost = 1): { readonly allowed: boolean } {
    return counts.take(key, perMinute(limit), now(), cost) as { allowed: boolean }
  }

  server.on('session', (session) => {
    // A validation by acme-tls/1 ends with its handshake; see tls/serve.ts.
    if (session.alpnProtocol !== 'h2') return session.destroy()
    const key = networkOf(session.socket.remoteAddress)
    // Cost 0 takes nothing: may this network be closed for abuse once more? Then it may also come.
    if (!take(`abuse ${key}`, limits.abusesPerMinute, 0).allowed) return calm(session)
    const id = ++connections
    sessions.add(session)
    if (!server.listening) session.close()
    const stalled = stalledAnswers(limits)
    session.on('stream', stalled.add)
    const look = setInterval(() => {
      if (stalled.end(now()) >= MANY) closeFor(session, 'stalled-reader', key)
    }, lookEvery(limits)).unref()
    session.on('close', () => {
      clearInterval(look)
      sessions.delete(session)
      for (const kind of ['settings', 'ping']) void counts.forgive(`${kind} ${id}`)
    })
    session.on('remoteSettings', () => {
      if (!take(`settings ${id}`, limits.settingsPerMinute).allowed) closeFor(session, 'settings-flood', key)
    })
    session.on('ping', () => {
      if (!take(`ping ${id}`, limits.pingsPerMinute).allowed) closeFor(session, 'ping-flood', key)
    })
    session.on('error', (error: NodeJS.ErrnoException) => {
      if (!isAbuse(error)) return
      const { allowed } = take(`abuse ${key}`, limits.abusesPerMinute)
      const data = { attack: 'protocol-error', error: error.message, peer: session.socket?.remoteAddress }
      emit({ type: 'malicious_http2', data: { ...data, ...(!allowed && { refused: true }) } })
    })
    limitLife(session, limits)
  })
  return {
    closeIdle() {
      for (const session of sessions) if (!session.closed) session.close()
    },
    closeAll() {
      for (const session of sessions) session.destroy()
    },
  }
}

/** Says why, and ends it: a client that means no harm can tell (RFC 9113 section 7). */
function calm(session: ServerHttp2Session): void {
  session.goaway(NGHTTP2_ENHANCE_YOUR_CALM)
  session.destroy()
}

/** A connection ends, kindly, after so many requests, or when nobody has asked for a while. A stream that runs keeps it open. */
function limitLife(session: ServerHttp2Session, { requestsPerConnection, idleTimeout }: Http2Limits): void {
  let [open, asked] = [0, 0]
  const end = (): void => {
    if (!session.destroyed && !session.closed) session.close()
  }
  const idle = setTimeout(() => open === 0 && end(), idleTimeout).unref()
  session.on('stream', (stream) => {
    open++
    asked++
    if (asked === requestsPerConnection) end()
    stream.on('close', () => {
      if (--open === 0) idle.refresh()
    })
  })
  session.on('close', () => clearTimeout(idle))
}

/** What Node closes a connection for when it was flooded; a peer that went away is none of it. */
function isAbuse({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ERR_HTTP2_ERROR' || code === 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES'
}

/** The key of a client's network. Without an address all share one: fail closed. */
function networkOf(peer: string | undefined): string {
  const address = parseAddress(peer ?? '')
  return address === undefined ? 'unknown' : network(address, address.family === 4 ? 32 : 64)
}
