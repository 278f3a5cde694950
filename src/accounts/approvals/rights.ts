/**
 * Who gave rights to whom in the last day: whoever may make users, or give them roles, must not make the second person that an act needs.
 * Also over others in between. Source: NIST SP 800-53 AC-3(2), AC-5 (dual authorization, separation of duties).
 */
import type { On } from '../addresses/addresses.ts'
import type { AccountsTransaction } from '../schema.ts'

/** For how long it counts. */
export const RIGHTS_ARE_NEW = 86_400_000
const MOST_STEPS = 16

/** Puts it down, in the transaction of the change. The server itself gives nobody a voice. */
export async function noteRights(tx: AccountsTransaction, userId: string, givenBy: string, now: number): Promise<void> {
  if (!givenBy.startsWith('user:') || givenBy === `user:${userId}`) return
  await tx
    .insertInto('hf_rights')
    .values({ user_id: userId, given_by: givenBy, given_at: now })
    .onConflict((conflict) => conflict.columns(['user_id', 'given_by']).doUpdateSet({ given_at: now }))
    .execute()
}

/** Whether this user's rights come from that actor, lately, over however many others. */
export async function ownsVoice(on: On, actor: string, userId: string, now: number): Promise<boolean> {
  const known = new Set([actor])
  let latest = [actor]
  for (let step = 0; step < MOST_STEPS && latest.length > 0; step += 1) {
    const rows = await on
      .selectFrom('hf_rights')
      .select('user_id')
      .where('given_by', 'in', latest)
      .where('given_at', '>', now - RIGHTS_ARE_NEW)
      .execute()
    if (rows.some((row) => row.user_id === userId)) return true
    latest = [...new Set(rows.map((row) => `user:${row.user_id}`))].filter((name) => !known.has(name))
    for (const name of latest) known.add(name)
  }
  // Fail closed: a chain this long in one day was made to be long.
  return latest.length > 0
}
