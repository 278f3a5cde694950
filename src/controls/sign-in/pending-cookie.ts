/**
 * Where the token of a sign-in that waits for its second step is: in a cookie of its own, or, of an app that has no cookies, in the body.
 * Source: RFC 6265bis §4.1.3; OWASP Multifactor Authentication Cheat Sheet.
 */
import { sentForm } from '../../console/form.ts'
import type { Site } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { hostCookie } from '../../engine/host-cookie.ts'
import { AsTokens } from './slot.ts'

export interface PendingCookie {
  /** What the browser sent; `undefined` when there is none, or more than one. An app names it in the body, as `pending`. */
  read(x: Exchange): string | undefined
  /** An app is told in the body instead. */
  hold(x: Exchange, token: string): void
  /** Deletes it, where the browser sent one. */
  drop(x: Exchange): void
}

const LIFE = 300_000

/** Strict: only our own pages lead to the second step. */
export function pendingCookie(site: Pick<Site, 'secure'>): PendingCookie {
  const cookie = hostCookie(site, 'pending', 'strict')
  return {
    read: (x) => (x.get(AsTokens) ? sentForm(x).text('pending') || undefined : cookie.read(x)),
    hold(x, token) {
      if (!x.get(AsTokens)) cookie.hold(x, token, LIFE)
    },
    drop(x) {
      if (!x.get(AsTokens)) cookie.drop(x)
    },
  }
}
