/**
 * The cookies of a browser that remembers somebody: one that keeps them signed in, one that stands for their second factor. Names of
 * their own, so that no part of the kit takes one for a session. Source: RFC 6265bis §4.1.3; OWASP Session Management Cheat Sheet.
 */
import type { BrowserKind } from '../accounts/types.ts'
import type { Secret } from '../crypto/secret.ts'
import type { Site } from '../engine/control.ts'
import { slot, type Exchange } from '../engine/exchange.ts'
import { expireCookie, readCookie, serializeCookie, type CookieAttributes } from '../http/cookie.ts'

export interface BrowserCookie {
  /** What the browser sent; `undefined` when there is none, or more than one. */
  read(x: Exchange): string | undefined
  /** `life` in milliseconds. */
  hold(x: Exchange, token: Secret, life: number): void
  /** Deletes it, where the browser sent one. */
  drop(x: Exchange): void
}

export type BrowserCookies = Readonly<Record<BrowserKind, BrowserCookie>>

/** What came with the request as a browser in which somebody signed in before, for whoever counts failures. */
export const KnownDevice = slot<string>('known-device')

/** The token of a trusted device that came with the request, for doors that ask for a second factor. */
export const DeviceToken = slot<string>('device-token')

/** User agents keep no cookie for longer than 400 days. */
const LONGEST = 400 * 86_400

export function browserCookies(site: Pick<Site, 'secure'>): BrowserCookies {
  return { remember: browserCookie('hf_remember', site), trust: browserCookie('hf_trust', site) }
}

/** The cookie of a browser in which somebody signed in before. It is no session, opens nothing, and stays after signing out. */
export function knownDeviceCookie(site: Pick<Site, 'secure'>): BrowserCookie {
  return browserCookie('hf_known', site)
}

/** `Clear-Site-Data` for somebody who leaves. A trusted device stays one after signing out, and so does a known one: `"cookies"` would end that, too. */
export function clearedData(keepsDevice: boolean): string {
  return keepsDevice ? '"cache", "storage"' : '"cache", "cookies", "storage"'
}

/** Lax: somebody who follows a link from a mail is still signed in. */
function browserCookie(base: string, { secure }: Pick<Site, 'secure'>): BrowserCookie {
  const name = secure ? `__Host-${base}` : `${base}_localhost`
  const attributes: CookieAttributes = { path: '/', secure, httpOnly: true, sameSite: 'lax' }

  function read(x: Exchange): string | undefined {
    const sent = readCookie(x.header('cookie'), name)
    return sent.ok ? sent.value : undefined
  }

  return {
    read,
    hold(x, token, life) {
      const maxAge = Math.min(LONGEST, Math.floor(life / 1000))
      x.cookies.push(serializeCookie(name, token.reveal(), { ...attributes, maxAge }))
    },
    drop(x) {
      if (x.header('cookie')?.includes(name)) x.cookies.push(expireCookie(name, attributes))
    },
  }
}
