/** Which API keys end with what happened to their owner: read from the one table, `fan-out.ts`. Source: OWASP ASVS 5.0, 7.4.2; lesson L06. */
import { FAN_OUT, type Happening } from '../fan-out.ts'
import type { AccountsTransaction } from '../schema.ts'

/** Does what the table says, in the transaction of the change itself; returns the public ids of the keys that ended. */
export async function endKeys(
  tx: AccountsTransaction,
  happening: Happening | 'revoked',
  userId: string,
  now: number,
): Promise<readonly string[]> {
  if (happening !== 'revoked' && !('keys' in FAN_OUT[happening])) return []
  const ended = await tx
    .updateTable('hf_api_keys')
    .set({ revoked_at: now, revoked_by: happening })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .returning('id')
    .execute()
  return ended.map(({ id }) => id)
}
