/**
 * Closes an account to whoever got in, on the word of its owner: every session, key, app and opening link ends, and the password is void, so
 * that recovery by mail is the way back. Ways in that were added lately go; second factors only as far
 * as a mailbox alone may take them away.
 * Sources: OWASP ASVS 5.0 7.4.2, 7.4.3; lessons L06, L36.
 */
import type { Tell } from '../../engine/act.ts'
import type { Prepared } from '../credentials.ts'
import type { DoorSetting } from '../doors/password.ts'
import { fanOut, type Ended } from '../fan-out.ts'
import type { AccountsTransaction } from '../schema.ts'
import { endKeys } from '../tokens/end-keys.ts'
import type { Link } from '../mail/links.ts'
import type { Origin } from '../types.ts'

type Closing = 'not-me' | 'address-undone'

/** What ended. */
export interface Closed {
  readonly sessions: Ended
  readonly keys: readonly string[]
}

interface Closes {
  readonly userId: string
  readonly why: Closing
  readonly unusable: Prepared
  /** When that happened which is taken back. */
  readonly happened: number
}

/** When that happened which a link takes back. */
export function happenedAt({ data, createdAt }: Link): number {
  return Math.min(createdAt, typeof data['at'] === 'number' ? data['at'] : createdAt)
}

/** In the transaction that used the link up. The user is locked before. */
export async function closeAccount(
  { credentials, now }: Pick<DoorSetting, 'credentials' | 'now'>,
  tx: AccountsTransaction,
  { userId, why, unusable, happened }: Closes,
): Promise<Closed> {
  await credentials.makeVoid(tx, userId, unusable)
  const keys = await endKeys(tx, why, userId, now())
  return { keys, sessions: await fanOut(tx, why, userId, { happened, now: now() }) }
}

/** Says it, in the transaction. */
export async function reportClosed(
  tell: Tell,
  userId: string,
  why: Closing,
  { closed: { sessions, keys }, from: { exchange } }: { readonly closed: Closed; readonly from: Origin },
): Promise<void> {
  await tell({ type: 'authn_taken_back', data: { userId, why } }, exchange)
  if (sessions.length > 0) await tell({ type: 'session_ended', data: { userId, sessions, reason: why } }, exchange)
  if (keys.length > 0) await tell({ type: 'authn_token_revoked', data: { userId, keys, reason: why } }, exchange)
}
