/**
 * The cookie of a browser that asked for a letter: what is in the letter opens nothing without it, so a letter that was read by somebody
 * else, or sent on, signs nobody in. A name of its own, and nothing that any other part would take for a session.
 * Source: RFC 6265bis §4.1.3; OWASP ASVS 5.0, 6.6.2 (bound to the request that it was made for).
 */
import type { Site } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { expireCookie, readCookie, serializeCookie, type CookieAttributes } from '../../http/cookie.ts'

export interface MailCookie {
  /** What the browser sent; `undefined` when there is none, or more than one. */
  read(x: Exchange): string | undefined
  /** `life`: milliseconds. */
  hold(x: Exchange, token: string, life: number): void
  /** Deletes it, where the browser sent one. */
  drop(x: Exchange): void
}

/** Lax for links: a browser that comes from a page of mail must bring it along. Strict for codes, which our own page asks for. */
export function mailCookie(site: Pick<Site, 'secure'>, what: 'link' | 'code'): MailCookie {
  const name = site.secure ? `__Host-hf_${what}` : `hf_${what}_localhost`
  const sameSite = what === 'link' ? 'lax' : 'strict'
  const attributes: CookieAttributes = { path: '/', secure: site.secure, httpOnly: true, sameSite }

  function read(x: Exchange): string | undefined {
    const sent = readCookie(x.header('cookie'), name)
    return sent.ok ? sent.value : undefined
  }

  return {
    read,
    hold: (x, token, life) =>
      void x.cookies.push(serializeCookie(name, token, { ...attributes, maxAge: Math.ceil(life / 1000) })),
    drop(x) {
      if (read(x) !== undefined) x.cookies.push(expireCookie(name, attributes))
    },
  }
}
