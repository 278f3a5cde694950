/**
 * Takes away by what somebody else would come back in, when the owner says that something was not them: ways in that were added since a day before it,
 * without exception, and second factors as far as a mailbox alone may take them away. Decision 35; sources: OWASP ASVS 5.0 7.4.3; lessons L06, L36.
 */
import { removeFactorsSince } from '../factors/write.ts'
import type { AccountsTransaction } from '../schema.ts'
import { note } from './note.ts'

/** So long before what was told is doubted, too: whoever did it had come in before. */
export const DOUBTED_BEFORE = 86_400_000
/** So young a second factor goes also when it is the only one. */
const FIRST_FACTOR_GOES = 3 * 86_400_000

/** In the transaction of the fan-out; the user is locked. */
export async function removeAdded(
  tx: AccountsTransaction,
  userId: string,
  { since, now }: { readonly since: number; readonly now: number },
): Promise<void> {
  const unlinked = await tx
    .deleteFrom('hf_identities')
    .where('user_id', '=', userId)
    .where('linked_at', '>=', since)
    .returning('id')
    .execute()
  const { removed, kept } = await removeFactorsSince(tx, userId, { since, alone: now - FIRST_FACTOR_GOES })
  if (unlinked.length > 0 || removed) await note(tx, { userId, about: 'added-removed', now })
  if (kept) await note(tx, { userId, about: 'factor-kept', now })
  await voidApprovals(tx, userId, now)
}

/** What waits for a second person, or was said by this one and not used yet. */
async function voidApprovals(tx: AccountsTransaction, userId: string, now: number): Promise<void> {
  await tx
    .updateTable('hf_approvals')
    .set({ state: 'declined', decided_at: now, note: 'The account was taken back by its owner.' })
    .where('state', 'in', ['asked', 'given'])
    .where((eb) => eb.or([eb('asked_by', '=', `user:${userId}`), eb('decided_by', '=', userId)]))
    .execute()
}
