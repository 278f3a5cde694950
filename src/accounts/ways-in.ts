/**
 * Whether somebody could still begin a sign-in as a user when one of their credentials is taken away: asked by whoever takes one, so
 * that the last is nobody's to take by mistake. A new kind of first step is a question here.
 */
import type { AccountsTransaction } from './schema.ts'

/** By a password, another passkey, another identity, or mail to an address they verified. The user is locked before. */
export async function hasOtherWay(tx: AccountsTransaction, userId: string, without: string): Promise<boolean> {
  const password = tx.selectFrom('hf_credentials').select('kind').where('user_id', '=', userId).where('kind', '=', 'password')
  if ((await password.executeTakeFirst()) !== undefined) return true
  const passkey = tx.selectFrom('hf_passkeys').select('id').where('user_id', '=', userId).where('purpose', '=', 'passkey')
  if ((await passkey.where('id', '<>', without).limit(1).executeTakeFirst()) !== undefined) return true
  const identity = tx.selectFrom('hf_identities').select('id').where('user_id', '=', userId).where('id', '<>', without)
  if ((await identity.limit(1).executeTakeFirst()) !== undefined) return true
  const address = tx
    .selectFrom('hf_addresses')
    .select('user_id')
    .where('user_id', '=', userId)
    .where('verified_at', 'is not', null)
  return (await address.executeTakeFirst()) !== undefined
}
