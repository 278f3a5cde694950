/** One request on its way through the engine, and the response head it will leave with. */
import type { Readable } from 'node:stream'
import type { FixedHead } from './head.ts'
import type { RoutePolicy } from './policy.ts'
import type { PresentedCertificate } from '../tls/client-certificate.ts'

/** A typed place for a fact: one control gives it, later ones need it. */
export interface Slot<T> {
  readonly name: string
  readonly type?: T
}

export function slot<T>(name: string): Slot<T> {
  return { name }
}

/** The request as an adapter presents it. Nothing here belongs to a framework. */
export interface Inbound {
  readonly method: string
  /** The request target exactly as it was sent (RFC 9112 §3.2). */
  readonly target: string
  /** Address of the socket's other end; empty when unknown. */
  readonly peer: string
  /** Whether the socket itself is TLS. */
  readonly encrypted: boolean
  /** `0.9`, `1.0`, `1.1` or `2.0`. */
  readonly httpVersion: string
  /** Whether this is a request to switch protocols (WebSocket). */
  readonly upgrade: boolean
  /** Name, value, name, value, … as received: the place to look for duplicates. */
  readonly rawHeaders: readonly string[]
  /** The value of a header, by its lower-case name. */
  header(name: string): string | undefined
  /** The body, unread. Absent where there can be none. */
  readonly stream: Readable | undefined
  /** The certificate that the client showed in the handshake, verified; never one that a header speaks of. */
  clientCertificate?(): PresentedCertificate | undefined
}

/** The response head, as it will be sent. `null` takes away what the application or the framework set. */
export type Head = Map<string, string | null>

export interface Exchange extends Inbound {
  /** When the request came, in milliseconds since 1970. */
  readonly time: number
  /** The canonical path, once the target control has seen it; empty before. */
  path: string
  /** The query, with its `?`, or empty. */
  search: string
  /** What the application says of this route, by exact method and path. */
  route: RoutePolicy
  /** Lines that are the same on every answer; what stands in `head` overrules them. */
  fixed: FixedHead | undefined
  readonly head: Head
  /** `Set-Cookie` lines, in order. */
  readonly cookies: string[]
  get<T>(fact: Slot<T>): T | undefined
  need<T>(fact: Slot<T>): T
  set<T>(fact: Slot<T>, value: T): void
}
