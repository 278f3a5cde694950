/** What other controls may know of the session, and how they say that it changes. */
import type { LiveSession, Sessions } from '../../accounts/types.ts'
import type { Secret } from '../../crypto/secret.ts'
import { slot, type Exchange } from '../../engine/exchange.ts'

/** The session this request came with, alive, and what it takes to act on it. */
export interface CurrentSession extends LiveSession {
  /** What the cookie held. */
  readonly token: Secret
  readonly write: Sessions['write']
}

/** Whether a session's cookie of ours was sent at all, alive or not: both of its names, in any case. */
export function sentSession(x: Exchange): boolean {
  return /(?:__host-hf_sid|hf_sid_localhost)\s*=/i.test(x.header('cookie') ?? '')
}

/** `null` when nobody is signed in; absent until the session control has run. */
export const Session = slot<CurrentSession | null>('session')

/** The browser remembers somebody, and their second factor is missing: the sign-in page offers to give it. */
export const Remembered = slot<true>('remembered')

/** What the answer does to the cookie: hold this token from now on, or (`null`) be deleted. Absent: nothing. */
export const NextSession = slot<Secret | null>('next-session')
