/**
 * What a Node server is told so that nobody holds its sockets for long: the times and sizes of its own HTTP parser.
 * Stops slow headers, slow bodies, idle floods and endless connections (attacks A82–A86, A89). Node's defaults are 60 s for the
 * head, 300 s for the request, both only looked at every 30 s. Sources: https://nodejs.org/api/http.html, OWASP "Denial of Service
 * Cheat Sheet"; CWE-400, CWE-770.
 */
import type { Server as HttpServer, ServerOptions } from 'node:http'
import type { Server as HttpsServer } from 'node:https'

/** For `http.createServer(SERVER_OPTIONS, …)` and, spread into its options, `https.createServer`. */
export const SERVER_OPTIONS = Object.freeze({
  /** Milliseconds until the whole head must be here; then 408 and the connection closes. */
  headersTimeout: 10_000,
  /** Milliseconds until the whole request, body included, must be here. Routes that take long uploads need a server of their own. */
  requestTimeout: 30_000,
  /** Milliseconds a connection may idle between two requests. */
  keepAliveTimeout: 5_000,
  /** How often the two times above are looked at, in milliseconds: at Node's 30 s a limit of 10 s would end at 40. */
  connectionsCheckingInterval: 2_000,
  /** Bytes of the whole head; more is 431. */
  maxHeaderSize: 16_384,
  /** Strict parsing, said aloud: lenient flags are how requests are smuggled (RFC 9112 §11.2). */
  insecureHTTPParser: false,
  /** HTTP/1.1 without Host is refused before any of our code runs. */
  requireHostHeader: true,
}) satisfies ServerOptions

/** What Node only takes as properties of a server that exists. */
export const SERVER_LIMITS = Object.freeze({
  /**
   * Header fields that are parsed. Node drops those beyond without a word, and a dropped second Origin is an attack, so this stands
   * above the 100 that the target control allows: it sees that there are too many and answers 431.
   */
  maxHeadersCount: 256,
  /** Requests on one connection; then it closes, so that no connection lives for ever. */
  maxRequestsPerSocket: 1_000,
  /** Milliseconds without a byte in either direction: ends readers that stopped reading (A84). Streams must say something more often. */
  timeout: 120_000,
  /** Sockets at once; further ones are dropped before they cost anything. Well under the usual limit of file descriptors. */
  maxConnections: 10_000,
})

/** Applies `SERVER_LIMITS`, to a server that was made with `SERVER_OPTIONS`. Returns the same server. */
export function limitServer<Server extends HttpServer | HttpsServer>(server: Server): Server {
  return Object.assign(server, SERVER_LIMITS)
}

/**
 * For `http2.createSecureServer`, beside `SERVER_OPTIONS` (its HTTP/1 half). Node lets one client open 4 294 967 295 streams at
 * once; RFC 9113 §6.5.2 recommends no fewer than 100. Stops rapid reset and settings floods from costing more than this (A87).
 */
export const HTTP2_OPTIONS = Object.freeze({
  settings: Object.freeze({ maxConcurrentStreams: 100, maxHeaderListSize: 16_384, enablePush: false }),
  /** Header fields of one request. */
  maxHeaderListPairs: 256,
  /** Megabytes that one connection may make us hold. */
  maxSessionMemory: 10,
  /** Frames that break the protocol, until the connection closes. */
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 50,
  /** Entries of one SETTINGS frame. */
  maxSettings: 16,
  /** Pings of ours that are not answered yet. */
  maxOutstandingPings: 10,
  /**
   * Streams that a client may take back at once, and then each second (CVE-2023-44487). Node allows 1000 and 33. A browser that
   * leaves a page takes back what it had open: no more than `maxConcurrentStreams`.
   */
  streamResetBurst: 200,
  streamResetRate: 20,
  /** Milliseconds for a connection that negotiated something we do not speak. */
  unknownProtocolTimeout: 1_000,
})

/** What Node does not count by itself; see `src/adapters/http2-watch.ts`. */
export const HTTP2_LIMITS = Object.freeze({
  /** SETTINGS frames in a minute. An honest client sends one, seldom a second. */
  settingsPerMinute: 20,
  /** PING frames in a minute. gRPC pings every ten seconds at most; browsers less. */
  pingsPerMinute: 60,
  /** Requests on one connection; then the client is asked to open another, as in HTTP/1.1. */
  requestsPerConnection: 1_000,
  /** Milliseconds without a stream until the connection is closed. */
  idleTimeout: 60_000,
  /** Milliseconds in which a part of an answer that waits must be taken, as `timeout` of HTTP/1.1, and ... */
  answerTimeout: 120_000,
  /** ... bytes of it in each second beyond: a large one gets its time. */
  answerRate: 1024,
  /** Connections of one network (an address, or an IPv6 /64) that may be closed for such things in a minute, before it may open none. */
  abusesPerMinute: 10,
})
