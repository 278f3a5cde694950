/** Accounts that are being deleted: whether one is, and the end of that. The user is locked before. */
import type { On } from '../addresses/addresses.ts'
import { sql } from 'kysely'
import type { AccountsTransaction } from '../schema.ts'

/** Whether its deletion was asked for. */
export async function isLeaving(tx: AccountsTransaction, userId: string): Promise<boolean> {
  const row = await tx.selectFrom('hf_deletions').select('user_id').where('user_id', '=', userId).executeTakeFirst()
  return row !== undefined
}

/** When it goes, where its owner can still keep it by proving who they are: not when an operator shut it out meanwhile. */
export async function keepableUntil(on: On, userId: string): Promise<number | undefined> {
  const row = await on
    .selectFrom('hf_deletions')
    .select('due_at')
    .where('user_id', '=', userId)
    .where('shut_out', '=', 0)
    .executeTakeFirst()
  return row?.due_at
}

/** Their id while their account is being deleted and they may still keep it: for the query that a door makes of `hf_users` anyway. */
export function leavingOf() {
  const keepable = sql<string | null>`(SELECT d.user_id FROM hf_deletions d WHERE d.user_id = hf_users.id AND d.shut_out = 0)`
  return keepable.as('leaving')
}

/** An operator shuts it out: nobody but an operator can keep it from now on. */
export async function shutOut(tx: AccountsTransaction, userId: string): Promise<void> {
  await tx.updateTable('hf_deletions').set({ shut_out: 1 }).where('user_id', '=', userId).execute()
}

/** It stays, and its user may come in again; whether it was to be deleted. */
export async function stay(tx: AccountsTransaction, userId: string): Promise<boolean> {
  const { numDeletedRows } = await tx.deleteFrom('hf_deletions').where('user_id', '=', userId).executeTakeFirst()
  if (numDeletedRows === 0n) return false
  await tx.updateTable('hf_users').set({ status: 'active' }).where('id', '=', userId).execute()
  return true
}
