/**
 * A cookie of the kit's own: a name that only this host can set over https, that no script reads and no other part takes for a session.
 * Each use has a name of its own. Source: RFC 6265bis §4.1.3 (`__Host-`); OWASP Session Management Cheat Sheet.
 */
import { expireCookie, readCookie, serializeCookie, type CookieAttributes } from '../http/cookie.ts'
import type { Site } from './control.ts'
import type { Exchange } from './exchange.ts'

export interface HostCookie {
  readonly name: string
  /** What the browser sent; `undefined` when there is none, or more than one. */
  read(x: Exchange): string | undefined
  /** `life`: milliseconds, at most 400 days (user agents keep none for longer). */
  hold(x: Exchange, value: string, life: number): void
  /** Deletes it, where the browser sent one. */
  drop(x: Exchange): void
}

const LONGEST = 400 * 86_400

/**
 * `word` stands in the name. Strict: only our own pages lead to where it is read. Lax: somebody may come there from elsewhere, from a page
 * of mail or of a provider.
 */
export function hostCookie({ secure }: Pick<Site, 'secure'>, word: string, sameSite: 'strict' | 'lax'): HostCookie {
  // Plain http on loopback cannot have the prefix; another name keeps the two from being mistaken for each other.
  const name = secure ? `__Host-hf_${word}` : `hf_${word}_localhost`
  const attributes: CookieAttributes = { path: '/', secure, httpOnly: true, sameSite }
  return {
    name,
    read(x) {
      const sent = readCookie(x.header('cookie'), name)
      return sent.ok ? sent.value : undefined
    },
    hold(x, value, life) {
      const maxAge = Math.min(LONGEST, Math.ceil(life / 1000))
      x.cookies.push(serializeCookie(name, value, { ...attributes, maxAge }))
    },
    drop(x) {
      if (x.header('cookie')?.includes(name)) x.cookies.push(expireCookie(name, attributes))
    },
  }
}
