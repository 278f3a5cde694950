/**
 * The cookie that ties what a browser is asked to sign to this browser: an answer that was made in another one is worth nothing here.
 * Source: WebAuthn Level 3, 13.4.3; RFC 6265bis §4.1.3.
 */
import type { Site } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { expireCookie, readCookie, serializeCookie, type CookieAttributes } from '../../http/cookie.ts'

export interface PasskeyCookie {
  /** What the browser sent; `undefined` when there is none, or more than one. */
  read(x: Exchange): string | undefined
  hold(x: Exchange, token: string): void
  drop(x: Exchange): void
}

const LIFE = 300

/** Strict: only our own pages ask and answer. */
export function passkeyCookie(site: Pick<Site, 'secure'>): PasskeyCookie {
  const name = site.secure ? '__Host-hf_passkey' : 'hf_passkey_localhost'
  const attributes: CookieAttributes = { path: '/', secure: site.secure, httpOnly: true, sameSite: 'strict' }
  return {
    read(x) {
      const sent = readCookie(x.header('cookie'), name)
      return sent.ok ? sent.value : undefined
    },
    hold: (x, token) => void x.cookies.push(serializeCookie(name, token, { ...attributes, maxAge: LIFE })),
    drop: (x) => void x.cookies.push(expireCookie(name, attributes)),
  }
}
