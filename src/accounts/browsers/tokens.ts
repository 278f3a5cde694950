/**
 * Tokens of browsers that remember: written, looked up, replaced at each use. A token that was replaced stays known as long as its
 * browser does, so that who uses a stolen copy of one is seen (L26).
 * Source: OWASP ASVS 5.0 7.2.4, 7.3; Barry Jaspan, "Improved Persistent Login Cookie Best Practice" (2006).
 */
import type { Expression } from 'kysely'
import type { Secret } from '../../crypto/secret.ts'
import type { AccountsDatabase, AccountsTransaction, BrowserRow } from '../schema.ts'
import { storable } from '../sessions/issue.ts'
import { handleOf, hashOfToken, newToken } from '../sessions/token.ts'
import type { Origin } from '../types.ts'
import type { BrowserKind, BrowserLives } from './types.ts'

type On = AccountsTransaction | AccountsDatabase['kysely']

/** A browser, with the place that the token which was sent has among all that it had. */
export type Presented = BrowserRow & { readonly sent: number }

/**
 * How long the token before the current one is still taken, in milliseconds: tabs that a browser opens at once send the same one.
 * Only the direct predecessor, and only for a session of its own: the next token goes to one of them.
 */
const GRACE = 10_000

/** What of the user's credentials a token is bound to (L110): another password or another factor makes it void. */
export async function stampOf(on: On, userId: string): Promise<string> {
  const passwords = await on.selectFrom('hf_credentials').select(['kind', 'version']).where('user_id', '=', userId).execute()
  const factors = await on
    .selectFrom('hf_factors')
    .select(['kind', 'version', 'created_at'])
    .where('user_id', '=', userId)
    .execute()
  const passkeys = await on.selectFrom('hf_passkeys').select('id').where('user_id', '=', userId).execute()
  return [
    ...passkeys.map(({ id }) => `passkey:${id}`),
    ...passwords.map(({ kind, version }) => `${kind}:${version}`),
    ...factors.map(({ kind, version, created_at: since }) => `${kind}:${version}:${since}`),
  ]
    .toSorted()
    .join(' ')
}

/** What a token names, alive or not. */
export async function findBrowser(on: On, kind: BrowserKind, hash: string): Promise<Presented | undefined> {
  return await on
    .selectFrom('hf_browser_tokens as t')
    .innerJoin('hf_browsers as b', 'b.id', 't.browser_id')
    .selectAll('b')
    .select('t.generation as sent')
    .where('t.hash', '=', hash)
    .where('b.kind', '=', kind)
    .executeTakeFirst()
}

/** Whether it has not run out, by the shorter of what it was given and what is configured now. */
export function isCurrent({ kind, created_at: since, expires_at: until }: BrowserRow, lives: BrowserLives, now: number): boolean {
  const life = lives[kind]
  return life !== undefined && now < Math.min(until, since + life)
}

/** Whether this token may still be used: it is the last one, or was until a moment ago. */
export function isUsable({ sent, generation, rotated_at: since }: Presented, now: number): boolean {
  return sent === generation || (sent === generation - 1 && now - since < GRACE)
}

interface NewBrowser {
  readonly kind: BrowserKind
  readonly userId: string
  readonly from: Origin
  readonly now: number
  readonly life: number
}

/** Writes one with its first token. The user is locked before. */
export async function insertBrowser(
  tx: AccountsTransaction,
  random: (bytes: number) => string,
  { kind, userId, from, now, life }: NewBrowser,
): Promise<{ readonly id: string; readonly token: Secret }> {
  const { token, hash } = newToken(random)
  const id = handleOf(hash)
  const times = { rotated_at: now, created_at: now, used_at: now, expires_at: now + life }
  const where = { address: storable(from.address, 64), user_agent: storable(from.userAgent, 256) }
  const stamp = await stampOf(tx, userId)
  await tx
    .insertInto('hf_browsers')
    .values({ id, kind, user_id: userId, stamp, generation: 1, ...times, ...where })
    .execute()
  await tx.insertInto('hf_browser_tokens').values({ hash, browser_id: id, generation: 1 }).execute()
  return { id, token }
}

/** What using a token gave: the browser, and its next token, which of many at once one gets. */
export interface SpentToken {
  readonly browser: string
  readonly next?: Secret
}

interface Spending {
  readonly userId: string
  readonly hash: string
  readonly lives: BrowserLives
  readonly now: number
  readonly random: (bytes: number) => string
}

/** Uses a token up, in the transaction that issues the session. The user is locked before. */
export async function spendToken(tx: AccountsTransaction, spending: Spending): Promise<SpentToken | undefined> {
  const { userId, hash, lives, now, random } = spending
  const found = await findBrowser(tx, 'remember', hash)
  if (!found || found.user_id !== userId || !isCurrent(found, lives, now) || !isUsable(found, now)) return undefined
  if (found.stamp !== (await stampOf(tx, userId))) return undefined
  if (found.sent !== found.generation) return { browser: found.id }
  const { numUpdatedRows } = await tx
    .updateTable('hf_browsers')
    .set((eb) => ({ generation: eb('generation', '+', 1) as Expression<number>, rotated_at: now, used_at: now }))
    .where('id', '=', found.id)
    .where('generation', '=', found.sent)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) return { browser: found.id }
  const { token, hash: next } = newToken(random)
  await tx
    .insertInto('hf_browser_tokens')
    .values({ hash: next, browser_id: found.id, generation: found.sent + 1 })
    .execute()
  return { browser: found.id, next: token }
}

interface Trusting {
  readonly userId: string
  /** What the browser sent. */
  readonly device: string | undefined
  readonly lives: BrowserLives
  readonly now: number
}

/** Whether this browser is one in which this very user gave their second factor before, and nothing changed since (L110). */
export async function isTrusted(on: On, { userId, device, lives, now }: Trusting): Promise<boolean> {
  const hash = device === undefined ? undefined : hashOfToken(device)
  if (hash === undefined || lives.trust === undefined) return false
  const found = await findBrowser(on, 'trust', hash)
  if (!found || found.user_id !== userId || !isCurrent(found, lives, now)) return false
  return found.stamp === (await stampOf(on, userId))
}
