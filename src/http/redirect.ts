/**
 * Where to go next: a path on our own origin, or "/".
 * Stops open redirects through `next` parameters and Referer: `//evil`, `/\evil`, `/.//evil`, schemes, controls, encoded variants.
 * Sources: WHATWG URL §4.4 (what a user agent makes of a Location), RFC 9110 §10.2.2; OWASP Unvalidated Redirects and Forwards
 * Cheat Sheet, CWE-601.
 */
import { canonicalTarget } from './target.ts'

const BASE = 'https://x.invalid'
const MAX_LENGTH = 2048

/**
 * The path (with search, without fragment) when it is an origin-form target in canonical spelling that a URL parser leaves on
 * the same origin unchanged; "/" in every other case, also for what is no text: `?next=a&next=b` is a list to some frameworks. Nothing is
 * repaired.
 */
export function localPath(next: unknown): string {
  if (typeof next !== 'string' || next.length > MAX_LENGTH || next.charCodeAt(0) !== 0x2f) return '/'
  const target = canonicalTarget(next)
  if (!target.ok) return '/'
  const url = URL.parse(next, BASE)
  const sent = next.slice(0, next.length - target.search.length)
  return url !== null && url.origin === BASE && url.pathname === sent ? target.path + target.search : '/'
}
