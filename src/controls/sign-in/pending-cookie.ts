/**
 * The cookie of a sign-in that waits for its second factor: a name of its own, five minutes, and nothing that any other part of the
 * kit would take for a session. Source: RFC 6265bis §4.1.3; OWASP Multifactor Authentication Cheat Sheet.
 */
import type { Site } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { sentForm } from '../../console/form.ts'
import { expireCookie, readCookie, serializeCookie, type CookieAttributes } from '../../http/cookie.ts'
import { AsTokens } from './slot.ts'

export interface PendingCookie {
  /** What the browser sent; `undefined` when there is none, or more than one. An app has no cookies and names it in the body, as `pending`. */
  read(x: Exchange): string | undefined
  /** An app is told in the body instead. */
  hold(x: Exchange, token: string): void
  /** Deletes it, where the browser sent one. */
  drop(x: Exchange): void
}

const LIFE = 300

/** Strict: only our own pages lead to the second step. */
export function pendingCookie(site: Pick<Site, 'secure'>): PendingCookie {
  const name = site.secure ? '__Host-hf_pending' : 'hf_pending_localhost'
  const attributes: CookieAttributes = { path: '/', secure: site.secure, httpOnly: true, sameSite: 'strict' }

  function read(x: Exchange): string | undefined {
    if (x.get(AsTokens)) return sentForm(x).text('pending') || undefined
    const sent = readCookie(x.header('cookie'), name)
    return sent.ok ? sent.value : undefined
  }

  return {
    read,
    hold(x, token) {
      if (!x.get(AsTokens)) x.cookies.push(serializeCookie(name, token, { ...attributes, maxAge: LIFE }))
    },
    drop(x) {
      if (!x.get(AsTokens) && read(x) !== undefined) x.cookies.push(expireCookie(name, attributes))
    },
  }
}
