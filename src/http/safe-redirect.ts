/**
 * Where to go next, when it may also be another site that was named: a path of ours, an address of a listed origin, or "/".
 * Stops open redirects for applications that send people back to a sibling site. A prefix, a suffix or a part of a name proves nothing:
 * origins are compared whole, and an address that a browser would read differently than it is written is not taken.
 * Sources: WHATWG URL §4.4, RFC 6454 §4; OWASP Unvalidated Redirects and Forwards Cheat Sheet, CWE-601.
 */
import { parseOrigin } from './origin.ts'
import { localPath } from './redirect.ts'

export interface SafeRedirectOptions {
  /** Origins beside our own, as `'https://shop.example'`: scheme, host, and a port that is not the usual one. @default [] */
  readonly allow?: readonly string[]
}

const MAX_LENGTH = 2048
const SCHEMES: ReadonlySet<string> = new Set(['https', 'http'])

/**
 * A value for `Location`. Throws RangeError for an origin in `allow` that is not one: that is a mistake in the application.
 *
 * @example
 * response.redirect(safeRedirect(query.next, { allow: ['https://shop.example'] }))
 */
export function safeRedirect(next: unknown, { allow = [] }: SafeRedirectOptions = {}): string {
  const origins = allow.map(readOrigin)
  if (typeof next !== 'string' || next.startsWith('/')) return localPath(next)
  if (next.length > MAX_LENGTH) return '/'
  const url = URL.parse(next)
  // What the parser had to mend (case, backslashes, tabs, a missing slash, a dot segment) was not written by an honest page.
  if (url === null || url.href !== next || !origins.includes(url.origin)) return '/'
  if (url.username !== '' || url.password !== '') return '/'
  // The path obeys the same rules as one of ours: the other site may send it on.
  const path = url.pathname + url.search
  return localPath(path) === path ? url.origin + path : '/'
}

function readOrigin(text: string): string {
  const origin = parseOrigin(text)
  if (origin.ok && origin.origin === text && SCHEMES.has(origin.scheme)) return text
  throw new RangeError(
    `safeRedirect may lead to ${JSON.stringify(text)}. Write an origin without a path: 'https://shop.example'.`,
  )
}
