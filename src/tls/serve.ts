/**
 * Serves the certificates of a source: by name (SNI), exchanged while connections stay open, with the answers to TLS-ALPN-01 on the same
 * port. Source: RFC 6066 section 3 (SNI), RFC 7301 (ALPN), RFC 8737 (acme-tls/1), RFC 5077 section 5.5 (keys of tickets).
 */
import { randomBytes, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext, type TLSSocket, type TlsOptions } from 'node:tls'
import { namesOf } from './checked-pair.ts'
import { certificateBlocks } from './pem.ts'
import { tlsOptions, type CertificatePair } from './server.ts'
import type { CertificateSource } from './source.ts'

/** The protocol of the challenge; no request is ever taken over it. */
export const ACME_PROTOCOL = 'acme-tls/1'

/** What is needed of a TLS server, of `https` or `http2`. */
export interface TlsServer {
  setSecureContext(options: object): void
  setTicketKeys(keys: Buffer): unknown
  on(event: 'close', listener: () => void): unknown
  prependListener(event: 'secureConnection', listener: (socket: TLSSocket) => void): unknown
}

export interface ServeSetting {
  /** Offered by ALPN, most wanted first. */
  readonly protocols: readonly string[]
  /** Refuse a handshake that names a host of no certificate, instead of showing it the first. @default false */
  readonly strictNames?: boolean | undefined
  /** Laid over the options: what is asked of clients. */
  readonly more?: TlsOptions
}

/** Who records traffic and steals the key of tickets later must not have all of it. Old tickets then cost a full handshake. */
const TICKET_KEYS_FOR = 12 * 3_600_000

export interface Serving {
  readonly options: TlsOptions
  /** Begins to follow the source; ends when the server closes. */
  bind(server: TlsServer): void
}

/** Options for a server, and what ties it to the source. */
export function serveSource(source: CertificateSource, { protocols, strictNames = false, more = {} }: ServeSetting): Serving {
  let served = contextsOf(source.pairs(), more)
  const { ALPNProtocols: _, ...first } = tlsOptions(source.pairs()[0] ?? { key: '', cert: '' }, protocols)
  const { key, cert, ...own } = first
  const bare = { ...own, ...more }
  const usual = key === '' ? bare : { key, cert, ...bare }

  /** Sockets of who validates. */
  const asked = new WeakMap<TLSSocket, SecureContext>()

  function choose(this: unknown, { servername, protocols: offered }: { servername: string; protocols: string[] }) {
    if (offered.includes(ACME_PROTOCOL)) {
      const challenge = source.alpnChallenge?.(servername.toLowerCase())
      if (challenge === undefined || offered.length > 1) return undefined
      const context = createSecureContext(tlsOptions(challenge))
      // With TLS 1.2 the name was seen before; with 1.3 it is seen after this, and would put the usual certificate in its place.
      asked.set(this as TLSSocket, context)
      ;(this as TLSSocket & { setKeyCert(context: SecureContext): void }).setKeyCert(context)
      return ACME_PROTOCOL
    }
    return protocols.find((protocol) => offered.includes(protocol))
  }

  function byName(this: unknown, name: string, done: (error: Error | null, context?: SecureContext) => void): void {
    const context = asked.get(this as TLSSocket) ?? find(served, name.toLowerCase())
    if (context === undefined && strictNames && served.contexts.size > 0) done(new Error('a name of no certificate'))
    else done(null, context ?? served.first)
  }

  return {
    options: { ...usual, ALPNCallback: choose, SNICallback: byName } as TlsOptions,
    bind(server) {
      const stopListening = source.onChange(() => {
        const pairs = source.pairs()
        served = contextsOf(pairs, more)
        // For who names no host. Connections that are open keep what they were opened with.
        if (pairs[0] !== undefined) server.setSecureContext({ ...bare, ...pairs[0] })
      })
      const tickets = setInterval(() => server.setTicketKeys(randomBytes(48)), TICKET_KEYS_FOR)
      tickets.unref()
      server.on('close', () => {
        stopListening()
        clearInterval(tickets)
      })
      // RFC 8737 section 3: after the handshake the connection ends. HTTP must not be spoken to who validates.
      server.prependListener('secureConnection', (socket) => {
        if (socket.alpnProtocol === ACME_PROTOCOL) socket.end()
      })
    },
  }
}

interface Contexts {
  readonly first: SecureContext | undefined
  readonly contexts: ReadonlyMap<string, SecureContext>
}

function contextsOf(pairs: readonly CertificatePair[], more: TlsOptions): Contexts {
  const contexts = new Map<string, SecureContext>()
  const all = pairs.map((pair) => {
    const context = createSecureContext({ ...tlsOptions(pair), ...more })
    for (const name of namesOf(new X509Certificate(certificateBlocks(pair.cert)[0]!)))
      if (!contexts.has(name.toLowerCase())) contexts.set(name.toLowerCase(), context)
    return context
  })
  return { first: all[0], contexts }
}

/** By the name itself, or by the wildcard that stands for one label (RFC 6125 section 6.4.3). */
function find({ contexts }: Contexts, name: string): SecureContext | undefined {
  return contexts.get(name) ?? contexts.get(`*${name.slice(Math.max(0, name.indexOf('.')))}`)
}
