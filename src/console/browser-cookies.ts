/**
 * The cookies of a browser that remembers somebody: one that keeps them signed in, one that stands for their second factor. Names of
 * their own, so that no part of the kit takes one for a session. Source: RFC 6265bis §4.1.3; OWASP Session Management Cheat Sheet.
 */
import type { BrowserKind } from '../accounts/types.ts'
import type { Site } from '../engine/control.ts'
import { slot } from '../engine/exchange.ts'
import { hostCookie, type HostCookie } from '../engine/host-cookie.ts'

export type BrowserCookies = Readonly<Record<BrowserKind, HostCookie>>

/** What came with the request as a browser in which somebody signed in before, for whoever counts failures. */
export const KnownDevice = slot<string>('known-device')

/** The token of a trusted device that came with the request, for doors that ask for a second factor. */
export const DeviceToken = slot<string>('device-token')

/** Lax: somebody who follows a link from a mail is still signed in. */
export function browserCookies(site: Pick<Site, 'secure'>): BrowserCookies {
  return { remember: hostCookie(site, 'remember', 'lax'), trust: hostCookie(site, 'trust', 'lax') }
}

/** The cookie of a browser in which somebody signed in before. It is no session, opens nothing, and stays after signing out. */
export function knownDeviceCookie(site: Pick<Site, 'secure'>): HostCookie {
  return hostCookie(site, 'known', 'lax')
}

/** `Clear-Site-Data` for somebody who leaves. A trusted device stays one after signing out, and so does a known one: `"cookies"` would end that, too. */
export function clearedData(keepsDevice: boolean): string {
  return keepsDevice ? '"cache", "storage"' : '"cache", "cookies", "storage"'
}
