/** Writes to everybody who administers that the sealed account was opened, in the transaction that opens it. */
import { addressOf } from '../addresses/addresses.ts'
import type { Administrators } from '../users/administrators.ts'
import type { Post } from '../mail/post.ts'
import type { AccountsTransaction } from '../schema.ts'

const MOST_LETTERS = 100

export async function tellAdministrators(
  tx: AccountsTransaction,
  { post, administrators }: { readonly post: Post; readonly administrators: Administrators },
  opened: { readonly address: string; readonly at: number; readonly minutes: number },
): Promise<void> {
  if (!post.sends) return
  const when = `${new Date(opened.at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  for (const id of await administrators.active(tx, MOST_LETTERS)) {
    const address = await addressOf(tx, id)
    if (address?.verifiedAt === undefined) continue
    await post.write(tx, 'break-glass-opened', address.text, { when, from: opened.address, minutes: String(opened.minutes) })
  }
}
