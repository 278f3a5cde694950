/** The questions that wait, or were approved and not used yet: found, and ended when their time is over. */
import type { Tell } from '../../engine/act.ts'
import type { On } from '../addresses/addresses.ts'
import type { AccountsTransaction } from '../schema.ts'
import type { ApprovalRow } from './rows.ts'
import type { ApprovalFollower } from './types.ts'

export const OPEN = ['asked', 'given'] as const

/** The one of this actor about exactly this. */
export async function openOf(on: On, { by, hash, now }: { readonly by: string; readonly hash: string; readonly now: number }) {
  return await on
    .selectFrom('hf_approvals')
    .selectAll()
    .where('asked_by', '=', by)
    .where('hash', '=', hash)
    .where('state', 'in', OPEN)
    .where('expires_at', '>', now)
    .executeTakeFirst()
}

/** Ends what ran out, of all or of one question, and tells it; returns how many. */
export async function endOverdue(
  tx: AccountsTransaction,
  tell: Tell,
  { now, only, follow }: { readonly now: number; readonly only?: ApprovalRow; readonly follow: ApprovalFollower },
): Promise<number> {
  const over = await tx
    .updateTable('hf_approvals')
    .set({ state: 'expired' })
    .where('state', 'in', OPEN)
    .where('expires_at', '<=', now)
    .$if(only !== undefined, (query) => query.where('asked_by', '=', only!.asked_by).where('hash', '=', only!.hash))
    .returningAll()
    .execute()
  for (const { id, act, asked_by: askedBy, params } of over) {
    await tell({ type: 'authz_approval_expired', data: { approval: id, act, askedBy } })
    await follow(tx, { id, act, params: JSON.parse(params), state: 'expired', by: undefined, says: '' })
  }
  return over.length
}
