/** Accounts that are being deleted: whether one is, and the end of that. The user is locked before. */
import type { AccountsTransaction } from '../schema.ts'

/** Whether its deletion was asked for. */
export async function isLeaving(tx: AccountsTransaction, userId: string): Promise<boolean> {
  const row = await tx.selectFrom('hf_deletions').select('user_id').where('user_id', '=', userId).executeTakeFirst()
  return row !== undefined
}

/** It stays, and its user may come in again; whether it was to be deleted. */
export async function stay(tx: AccountsTransaction, userId: string): Promise<boolean> {
  const { numDeletedRows } = await tx.deleteFrom('hf_deletions').where('user_id', '=', userId).executeTakeFirst()
  if (numDeletedRows === 0n) return false
  await tx.updateTable('hf_users').set({ status: 'active' }).where('id', '=', userId).execute()
  return true
}
