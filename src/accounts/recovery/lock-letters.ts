/**
 * Tells the owner of an account that too many passwords were wrong, with a link that ends the lock. One letter a lock, three a day. For a
 * name that nobody has the same is done, and reaches nobody, so that the answer that locks comes after the same work (L73, L77).
 */
import type { AtomicStore, Rate } from '../../store/atomic.ts'
import { addressOf } from '../addresses/addresses.ts'
import type { Links } from '../mail/links.ts'
import { lockUser } from '../lock.ts'
import type { Post } from '../mail/post.ts'
import type { AccountsDatabase } from '../schema.ts'
import type { Locked } from '../throttle/throttle.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly once: Pick<AtomicStore, 'take' | 'incrementIf'>
  readonly links: Links
  readonly post: Post
  readonly now: () => number
}

/** What was used up comes back within this time; until then it is the same lock. */
const LOCK = 900_000
const A_DAY: Rate = { limit: 3, period: 86_400_000 }
const LIFE = 3_600_000

/** Makes the writer. Without mail, or without a page for the link, it does nothing. */
export function createLockLetters({ database, once, links, post, now }: Setting): (locked: Locked) => Promise<void> {
  return async ({ mark, userId }) => {
    if (!post.sends || !post.takes('unlock')) return
    const first = await once.incrementIf(`accounts:lock-letter:${mark}`, 1, LOCK, now())
    const { allowed } = await once.take(`accounts:lock-letters:${mark}`, A_DAY, now())
    await database.transaction(async (tx) => {
      const user = await lockUser(tx, database.dialect, userId ?? '')
      const address = await addressOf(tx, user?.id ?? '')
      const reaches = first.ok && allowed && user?.status === 'active' && address?.verifiedAt !== undefined
      const to = reaches ? address : undefined
      // A lock that goes on leaves the link of its letter as it is.
      await links.end(tx, to ? user!.id : '', ['unlock'])
      const token = await links.issue(tx, { purpose: 'unlock', userId: to && user!.id, address: to?.key, life: LIFE })
      await post.write(tx, 'unlock', to?.text, { link: post.linkTo('unlock', token), minutes: String(LIFE / 60_000) })
    })
  }
}
