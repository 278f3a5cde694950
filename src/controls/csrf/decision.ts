/**
 * Where a request comes from, by what the browser itself says of it; no script can set these fields.
 * Source: Fetch Metadata (W3C), RFC 6454 §7, OWASP Cross-Site Request Forgery Prevention Cheat Sheet.
 */
import type { Exchange } from '../../engine/exchange.ts'
import { isSafeMethod } from '../../http/method.ts'

export type Decision =
  /** `free`: nothing to prove. `proven`: from a page we trust. `unknown`: no browser of today says so little; a token decides. */
  | { readonly verdict: 'free' | 'proven' | 'unknown' }
  | { readonly verdict: 'refused'; readonly reason: 'cross-site' | 'foreign-origin' | 'websocket-origin' }

const FREE: Decision = { verdict: 'free' }
const PROVEN: Decision = { verdict: 'proven' }
const UNKNOWN: Decision = { verdict: 'unknown' }
const CROSS_SITE: Decision = { verdict: 'refused', reason: 'cross-site' }
const FOREIGN: Decision = { verdict: 'refused', reason: 'foreign-origin' }
const WEBSOCKET: Decision = { verdict: 'refused', reason: 'websocket-origin' }

/** Origins are compared as whole strings: `null`, two values in one, another scheme, a suffix or a port never match. */
export function decide(x: Exchange, own: string, trusted: ReadonlySet<string>): Decision {
  const origin = x.header('origin')
  const known = origin !== undefined && (origin === own || trusted.has(origin))
  // A WebSocket is opened with GET, from any page, with our cookies, and then both sides may talk (CSWSH).
  if (x.upgrade) return known ? FREE : WEBSOCKET
  if (isSafeMethod(x.method) || x.route.withoutCsrf) return FREE

  const site = x.header('sec-fetch-site')
  if (site === 'same-origin') return PROVEN
  // `none` is what the user did in the browser itself: no page asked for it, and none of ours either. It proves nothing.
  if (site !== undefined && site !== 'none') return origin !== own && known ? PROVEN : CROSS_SITE
  if (origin === undefined) return UNKNOWN
  return known ? PROVEN : FOREIGN
}
