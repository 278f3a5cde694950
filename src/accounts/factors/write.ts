/**
 * The only place that sets or removes a second factor, as `credentials.ts` is for passwords. The user's row is locked before, and
 * what follows from it (`fan-out.ts`) is done in the same transaction.
 */
import { aalOf } from '../proof-strength.ts'
import { readProofs, writeProofs } from '../sessions/row.ts'
import type { AccountsTransaction } from '../schema.ts'
import { hasPasskey, type PasskeyRow } from '../passkeys/find.ts'
import { dropCodes } from './recovery-codes.ts'

/** A secret as it is stored, of which no code up to `lastStep` counts. */
export interface TotpRow {
  readonly value: string
  readonly lastStep: number
  readonly now: number
}

/** Sets the secret in place of one that may be there; returns its version, which a code that is checked now has to name. */
export async function writeTotp(tx: AccountsTransaction, userId: string, { value, lastStep, now }: TotpRow): Promise<number> {
  const { version } = await tx
    .insertInto('hf_factors')
    .values({ user_id: userId, kind: 'totp', value, version: 1, last_step: lastStep, created_at: now, used_at: null })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'kind']).doUpdateSet((eb) => ({
        value,
        version: eb('hf_factors.version', '+', 1),
        last_step: lastStep,
        created_at: now,
        used_at: null,
      })),
    )
    .returning('version')
    .executeTakeFirstOrThrow()
  return version
}

/** Lets codes in letters count, for who has no other factor. */
export async function writeMailFactor(tx: AccountsTransaction, userId: string, now: number): Promise<void> {
  await tx
    .insertInto('hf_factors')
    .values({ user_id: userId, kind: 'email', value: 'mailbox', version: 1, last_step: 0, created_at: now, used_at: null })
    .onConflict((conflict) => conflict.columns(['user_id', 'kind']).doNothing())
    .execute()
}

/** They count no more; whether they did. Without another factor the recovery codes go, too. */
export async function removeMailFactor(tx: AccountsTransaction, userId: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('hf_factors')
    .where('user_id', '=', userId)
    .where('kind', '=', 'email')
    .executeTakeFirst()
  if (numDeletedRows === 0n) return false
  if (!(await hasFactor(tx, userId))) await dropCodes(tx, userId)
  await lowerSessions(tx, userId, ['email'])
  return true
}

/** Adds a passkey or security key. Rejects with a unique violation when its credential is somebody's already. */
export async function writePasskey(tx: AccountsTransaction, row: PasskeyRow, handle: string): Promise<void> {
  await tx
    .insertInto('hf_passkey_handles')
    .values({ user_id: row.user_id, handle })
    .onConflict((conflict) => conflict.column('user_id').doNothing())
    .execute()
  await tx.insertInto('hf_passkeys').values(row).execute()
}

/** Which of them goes. */
export type Removed = { readonly kind: 'totp' } | { readonly kind: 'passkey'; readonly id: string }

/** Removes one; whether it was there. The last one takes the recovery codes along. Living sessions lose what they proved by it. */
export async function removeOne(tx: AccountsTransaction, userId: string, removed: Removed): Promise<boolean> {
  const gone =
    removed.kind === 'totp'
      ? tx.deleteFrom('hf_factors').where('user_id', '=', userId).where('kind', '=', 'totp')
      : tx.deleteFrom('hf_passkeys').where('user_id', '=', userId).where('id', '=', removed.id)
  const { numDeletedRows } = await gone.executeTakeFirst()
  if (numDeletedRows === 0n) return false
  if (!(await hasFactor(tx, userId))) await dropCodes(tx, userId)
  await lowerSessions(tx, userId, removed.kind === 'totp' ? CODES : KEYS)
  return true
}

/** Removes all factors with the recovery codes; whether there was one. Living sessions lose what they proved by it. */
export async function removeAll(tx: AccountsTransaction, userId: string): Promise<boolean> {
  if (!(await hasFactor(tx, userId))) return false
  await tx.deleteFrom('hf_factors').where('user_id', '=', userId).execute()
  await tx.deleteFrom('hf_passkeys').where('user_id', '=', userId).execute()
  await dropCodes(tx, userId)
  await lowerSessions(tx, userId, [...CODES, ...KEYS, 'email'])
  return true
}

interface Since {
  /** What was added from then on is doubted. */
  readonly since: number
  /** From then on also the only factor goes. */
  readonly alone: number
}

/**
 * Removes what was added since then: passkeys always, because they open a session alone; other factors where an older one is left, or where
 * they are very young. The codes on paper go in any case: whoever was there may have made them. `kept`: one that is doubted is still there.
 */
export async function removeFactorsSince(
  tx: AccountsTransaction,
  userId: string,
  { since, alone }: Since,
): Promise<{ readonly removed: boolean; readonly kept: boolean }> {
  const young = (from: number) => ({
    codes: tx.deleteFrom('hf_factors').where('user_id', '=', userId).where('created_at', '>=', from),
    keys: tx.deleteFrom('hf_passkeys').where('user_id', '=', userId).where('created_at', '>=', from),
  })
  const ways = await young(since).keys.where('purpose', '=', 'passkey').returning('id').execute()
  const older = await hasFactorBefore(tx, userId, since)
  const from = older ? since : Math.max(since, alone)
  const keys = await young(from).keys.returning('id').execute()
  const codes = await young(from).codes.returning('kind').execute()
  await dropCodes(tx, userId)
  return { removed: ways.length + keys.length + codes.length > 0, kept: !older && (await hasFactor(tx, userId)) }
}

async function hasFactorBefore(tx: AccountsTransaction, userId: string, since: number): Promise<boolean> {
  for (const table of ['hf_factors', 'hf_passkeys'] as const) {
    const row = await tx
      .selectFrom(table)
      .select('user_id')
      .where('user_id', '=', userId)
      .where('created_at', '<', since)
      .limit(1)
      .executeTakeFirst()
    if (row) return true
  }
  return false
}

/** What the factors of a kind prove (RFC 8176). */
const CODES = ['otp']
const KEYS = ['hwk', 'mfa']

async function hasFactor(tx: AccountsTransaction, userId: string): Promise<boolean> {
  const factor = await tx.selectFrom('hf_factors').select('kind').where('user_id', '=', userId).limit(1).executeTakeFirst()
  return factor !== undefined || (await hasPasskey(tx, userId))
}

/** A proof by something that the user no longer has raises no session. */
async function lowerSessions(tx: AccountsTransaction, userId: string, lost: readonly string[]): Promise<void> {
  const rows = await tx
    .selectFrom('hf_sessions')
    .select(['hash', 'proofs'])
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('aal', '>', 1)
    .execute()
  for (const { hash, proofs } of rows) {
    const before = readProofs(proofs)
    const kept = before.filter(({ amr }) => amr !== 'tdv' && !lost.includes(amr))
    // What was opened by a passkey alone stays a session, and of one factor.
    const left = kept.length > 0 ? kept : before.slice(0, 1).map((proof) => ({ ...proof, amr: 'hwk' }))
    await tx
      .updateTable('hf_sessions')
      .set({ proofs: writeProofs(left), aal: aalOf(left) })
      .where('hash', '=', hash)
      .execute()
  }
}
