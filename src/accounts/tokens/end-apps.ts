/** Signs apps of a user out, with all their tokens: everywhere, or those that act in one tenant. Source: OWASP ASVS 5.0, 7.4.2; lesson L06. */
import type { AccountsTransaction } from '../schema.ts'

/** `by`: why, as it is kept. */
interface Which {
  readonly userId: string
  readonly tenantId?: string
  readonly by: string
  readonly now: number
}

/** In the transaction of what ends them; returns the public ids of those that were signed in. The user is locked before. */
export async function endApps(tx: AccountsTransaction, { userId, tenantId, by, now }: Which): Promise<readonly string[]> {
  const ended = await tx
    .updateTable('hf_refresh')
    .set({ ended_at: now, ended_by: by })
    .where('user_id', '=', userId)
    .$if(tenantId !== undefined, (query) => query.where('tenant_id', '=', tenantId!))
    .where('ended_at', 'is', null)
    .returning('id')
    .execute()
  return ended.map(({ id }) => id)
}
