/** The session's cookie: one name, one set of attributes, no choice. Source: RFC 6265bis §4.1.3, OWASP Session Management Cheat Sheet. */
import type { Site } from '../../engine/control.ts'
import { HoldfastError } from '../../engine/errors.ts'
import { expireCookie, serializeCookie, type CookieAttributes } from '../../http/cookie.ts'

/** Browsers take this name only from https, only for this one host and only for the whole of it. */
const SECURE = '__Host-hf_sid'
/** Plain http on loopback cannot have the prefix; another name keeps the two from being mistaken for each other. */
const LOCAL = 'hf_sid_localhost'

export interface SessionCookie {
  readonly name: string
  /** A `Set-Cookie` line. No Max-Age: it goes when the browser closes; the store ends the session in any case. */
  hold(token: string): string
  /** The `Set-Cookie` line that deletes it. */
  readonly expired: string
}

/** What the cookie is called. */
export function sessionCookieName({ secure }: Pick<Site, 'secure'>): string {
  return secure ? SECURE : LOCAL
}

/** Throws HF_OPTION_INVALID for plain http beyond loopback, where anyone on the way could read it. */
export function sessionCookie(site: Pick<Site, 'secure' | 'local' | 'origin'>): SessionCookie {
  if (!site.secure && !site.local) {
    throw new HoldfastError('HF_OPTION_INVALID', `A session cookie for ${site.origin} could be read on its way.`, {
      fix: 'Use an https origin; plain http is for localhost only.',
    })
  }
  const name = sessionCookieName(site)
  const attributes: CookieAttributes = { path: '/', secure: site.secure, httpOnly: true, sameSite: 'lax' }
  return { name, hold: (token) => serializeCookie(name, token, attributes), expired: expireCookie(name, attributes) }
}
