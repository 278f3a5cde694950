/**
 * What else may be asked of passwords: that they differ from those before, and that they are replaced after a time. Both are off, and
 * NIST SP 800-63B-4 section 3.1.1.2 advises against the second; some must have them. What is always held: who falls back to the password
 * alone needs one that is long enough for that.
 */
import type { Hasher } from '../crypto/password/hasher.ts'
import type { Secret } from '../crypto/secret.ts'
import type { GivenProof } from './gate.ts'
import type { Hashes } from './hashes/hashes.ts'
import type { AccountsDatabase, AccountsTransaction } from './schema.ts'

export interface PasswordRules {
  /** How many passwords, the current one among them, may not be chosen again. 0: any may. */
  readonly history: number
  /** Milliseconds after which a password must be replaced at the next sign-in. */
  readonly expiry?: number | undefined
}

export const NO_PASSWORD_RULES: PasswordRules = { history: 0 }

/** Why a password that is right lets nobody in any more. */
export type PasswordDue = 'short' | 'expired'

interface Asked {
  readonly rules: PasswordRules
  /** Whether the user has no second factor. */
  readonly alone: boolean
  readonly now: number
}

/** Whether the password among these proofs must be replaced first. Nothing is asked where none is among them. */
export async function passwordDue(
  tx: AccountsTransaction,
  userId: string,
  proofs: readonly GivenProof[],
  { rules: { expiry }, alone, now }: Asked,
): Promise<PasswordDue | undefined> {
  if (!proofs.some(({ credential }) => credential?.kind === 'password')) return undefined
  const row = await tx
    .selectFrom('hf_credentials')
    .select(['short', 'set_at'])
    .where('user_id', '=', userId)
    .where('kind', '=', 'password')
    .executeTakeFirst()
  if (alone && row?.short === 1) return 'short'
  return row && expiry !== undefined && row.set_at + expiry <= now ? 'expired' : undefined
}

/** Whoever must replace a password must choose another one. */
function remembered({ history, expiry }: PasswordRules): number {
  return Math.max(history, expiry === undefined ? 0 : 1)
}

/** Whether it is one of those that may not be chosen again: one computation for each. Rejects with `HasherBusy`. */
export async function wasUsedBefore(
  { database, hashes, hasher }: { readonly database: AccountsDatabase; readonly hashes: Hashes; readonly hasher: Hasher },
  rules: PasswordRules,
  { userId, password }: { readonly userId: string; readonly password: Secret },
): Promise<boolean> {
  const most = remembered(rules)
  if (most === 0) return false
  for (const { value } of await hashes.of(database.kysely, userId, most - 1))
    if ((await hasher.verify(password, value)).ok) return true
  return false
}

/** Keeps the hash that is about to be replaced, and no more than are looked at. The user is locked before. */
export async function keepForHistory(
  tx: AccountsTransaction,
  hashes: Hashes,
  rules: PasswordRules,
  userId: string,
): Promise<void> {
  const kept = remembered(rules) - 1
  if (kept > 0) {
    const [before] = await hashes.of(tx, userId, 0)
    if (before)
      await tx
        .insertInto('hf_password_history')
        .values({ user_id: userId, value: before.value, version: before.version })
        .execute()
  }
  const newest = tx
    .selectFrom('hf_password_history')
    .select('version')
    .where('user_id', '=', userId)
    .orderBy('version', 'desc')
    .limit(Math.max(kept, 0))
  await tx.deleteFrom('hf_password_history').where('user_id', '=', userId).where('version', 'not in', newest).execute()
}
