/** Why a request to another server was not made, or came to nothing. */

/** Refused by us. `scheme`, `userinfo`, `host`, `address` and `redirect` say what of the address was not allowed. */
export type OutboundRefusal =
  | 'scheme' // neither https nor, where it is allowed, http
  | 'userinfo' // a name or a password in the address
  | 'host' // not one of the hosts that are allowed
  | 'address' // an address that is not public
  | 'redirect' // a way on that leads to less: too many, from https to http, or with a body to another origin

/** It was allowed, and failed. */
export type OutboundFailure =
  | 'unresolved' // the name has no address
  | 'unreachable' // no connection, or it broke
  | 'too-late'
  | 'too-large'
  | 'malformed' // an answer that cannot be read
  | 'aborted' // by the caller

/** What `fetch` rejects with. Its message names the host and nothing more of the address: a path may hold a secret. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError'
  readonly reason: OutboundRefusal | OutboundFailure
  /** Whether it was refused before anything was sent to that host. */
  readonly refused: boolean
  /** Of the address that was refused, or that failed: after a redirect another one than was asked for. */
  readonly host: string

  constructor(reason: OutboundRefusal | OutboundFailure, host: string, options: ErrorOptions = {}) {
    super(`${WORDS[reason]} (${host})`, options)
    this.reason = reason
    this.host = host
    this.refused = REFUSALS.has(reason)
  }
}

const REFUSALS: ReadonlySet<string> = new Set<OutboundRefusal>(['scheme', 'userinfo', 'host', 'address', 'redirect'])

const WORDS: Readonly<Record<OutboundRefusal | OutboundFailure, string>> = {
  scheme: 'Only https is allowed',
  userinfo: 'An address with a name or a password in it is not allowed',
  host: 'This host is not one of those that are allowed',
  address: 'This host has an address that is not public',
  redirect: 'The answer leads to where it may not',
  unresolved: 'This host has no address',
  unreachable: 'There is no connection, or it broke',
  'too-late': 'The answer came too late',
  'too-large': 'The answer is too large',
  malformed: 'The answer cannot be read',
  aborted: 'The request was aborted',
}
