/** The facts about a request that the engine itself reads: for events, policies and error pages. Controls give them. */
import { slot } from './exchange.ts'
import type { Reply } from './reply.ts'

/** Ours, unique, 128 bits as base64url. In the log, in the answer and on error pages. */
export const RequestId = slot<string>('request-id')

export interface Client {
  /** Canonical text (RFC 5952); `unknown` when there is none: all such requests share what is counted. */
  readonly address: string
  /** The key under which the client is limited: an IPv4 address or an IPv6 /64. */
  readonly network: string
  /** The wider IPv6 network, /48, when the address is IPv6. */
  readonly site: string | undefined
}
export const Client = slot<Client>('client')

/** Who asks, proven. */
export interface Principal {
  /** Id of the user, never reused. */
  readonly id: string
  /** The name they sign in with. */
  readonly login: string
  readonly name: string
  readonly roles: readonly string[]
  readonly permissions: ReadonlySet<string>
  /** Authentication methods (RFC 8176): `pwd`, `otp`, …; of an API key `key`, for which RFC 8176 has no word. */
  readonly amr: readonly string[]
  /** Authenticator assurance level (NIST SP 800-63B): 1 or 2. */
  readonly aal: number
  /** When they last proved who they are, in milliseconds since 1970. */
  readonly provedAt: number
  /** Public name of the API key by which a program asks for them. Absent: they ask themselves. */
  readonly apiKey?: string
  /** Public name of the app that asks for them with an access token. Absent: it was no app. */
  readonly app?: string
  /** Who acts as them, until when, and whether anything may be changed by it. Absent: they ask themselves. */
  readonly impersonatedBy?: {
    readonly id: string
    readonly name: string
    readonly until: number
    readonly write: boolean
  }
  /** The tenant they act in, what they are there, and what that permits. Absent: in none. */
  readonly tenant?: { readonly id: string; readonly roles: readonly string[]; readonly permissions: ReadonlySet<string> }
}
/** `null` when nobody is signed in; absent until the control that finds out has run. */
export const Principal = slot<Principal | null>('principal')

/** Public id of the session by which the principal asks; absent where they ask by something else. */
export const SessionId = slot<string>('session-id')

/** Whether the client's connection to us, or to our declared proxy, was encrypted. */
export const Encrypted = slot<boolean>('encrypted')

/** The nonce of this response's Content-Security-Policy, 128 bits. Reading it marks the response as not to be stored. */
export const Nonce = slot<() => string>('nonce')

/** Gives the token a form must carry; see the csrf control. */
export interface FormToken {
  /** Name of the form field. */
  readonly field: string
  /** Name of the request header, in lower case. */
  readonly header: string
  /** A new masking of the token at each call, or `undefined` where none is needed. */
  token(): string | undefined
  /**
   * For whom a page is made, the same when it comes back: the session, or before sign-in a cookie of the browser. `begin`: gives the
   * browser that cookie when it has none; without it `undefined` is nobody.
   */
  visitor(begin: boolean): string | undefined
}
export const FormToken = slot<FormToken>('form-token')

/** A body that was read, bounded and parsed; absent when there was none or the route reads the stream itself. */
export interface Body {
  /** Essence of the media type, in lower case. */
  readonly type: string
  /** Parsed JSON, or the fields of a form. */
  readonly value: unknown
  /** The bytes after decoding. */
  readonly bytes: Buffer
}
export const Body = slot<Body>('body')

/** How the framework's router names the route that answered (`/users/:id`), asked for after the answer; absent where it has no router. */
export const RoutePattern = slot<() => string | undefined>('route-pattern')

/**
 * A refusal that came when the application was already running (a body that turned out too large while the handler read it).
 * The handler's reading fails; the engine answers that failure with this instead of 500.
 */
export const LateRefusal = slot<Reply>('late-refusal')

/** A password was wrong: the keyed hash of the login, and a cut keyed hash of what was tried. For detections; never logged, never stored as it is. */
export const FailedPassword = slot<{ readonly login: string; readonly password: string }>('failed-password')

/** What identifies the rows that the answer gives out, as far as the application says it: compared with decoys afterwards. */
export const ReadValues = slot<readonly string[]>('read-values')
