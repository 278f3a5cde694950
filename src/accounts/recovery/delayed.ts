/**
 * The removal of a lost second factor, days after it was asked for. Recovery must not be the weakest way in, so it is slow and loud: a
 * letter at once and every day, each with a link that stops it; any living session stops it, and so does signing in with the factor, a new
 * password, another address, an operator. Sources: OWASP Multifactor Authentication Cheat Sheet ("Resetting MFA"); NIST SP 800-63B-4
 * section 4.2; OWASP ASVS 5.0 6.4.4 and 6.4.5.
 */
import type { Emit } from '../../engine/events.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { addressOf, type StoredAddress } from '../addresses/addresses.ts'
import { nameOf, readId } from '../ids.ts'
import type { Links } from '../mail/links.ts'
import { lockUser } from '../lock.ts'
import type { Post } from '../mail/post.ts'
import type { AccountsDatabase, AccountsTransaction, UserRow } from '../schema.ts'
import type { Actor } from '../types.ts'
import type { Recoveries } from './types.ts'

export interface RecoverySetting {
  readonly database: AccountsDatabase
  readonly links: Links
  readonly post: Post
  readonly emit: Emit
  readonly now: () => number
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** How long the link that removes the factor is good for, and the recovery with it. */
const READY_FOR = 3 * DAY
const PAGE = 100

/** One more letter while it runs, with a link that stops it, which is good until it is over. */
export async function writeNotice(
  { links, post, now }: RecoverySetting,
  tx: AccountsTransaction,
  { userId, text, key }: StoredAddress,
  dueAt: number,
): Promise<void> {
  const left = Math.max(0, dueAt - now())
  const life = left + READY_FOR + DAY
  const token = await links.issue(tx, { purpose: 'cancel-recovery', userId, address: key, life })
  const data = { link: post.linkTo('cancel-recovery', token), hours: String(Math.ceil(left / HOUR)) }
  await post.write(tx, 'delayed-recovery', text, data)
}

/** Ends it with its links, in the transaction of what ends it; whether there was one. The user is locked before. */
export async function dropRecovery(links: Links, tx: AccountsTransaction, userId: string): Promise<boolean> {
  const { numDeletedRows } = await tx.deleteFrom('hf_recoveries').where('user_id', '=', userId).executeTakeFirst()
  await links.end(tx, userId, ['cancel-recovery', 'remove-factors'])
  return numDeletedRows === 1n
}

interface DueRow {
  readonly user_id: string
  readonly due_at: number
  readonly next_letter_at: number
  readonly address_key: string
  readonly ready: number
}

/** Makes the service. */
export function createRecoveries(setting: RecoverySetting): Recoveries {
  const { database, links, post, emit } = setting
  const { kysely, dialect } = database

  async function step(tx: AccountsTransaction, row: DueRow, at: number): Promise<'over' | 'noticed' | 'ready' | undefined> {
    const userId = row.user_id
    const user = await lockUser(tx, dialect, userId)
    const ready = row.ready === 1 || row.due_at <= at
    const next = ready ? at + READY_FOR : Math.min(at + DAY, row.due_at)
    // Of several processes one writes the letter: it finds the row as it was read.
    const { numUpdatedRows } = await tx
      .updateTable('hf_recoveries')
      .set({ next_letter_at: next, ready: ready ? 1 : 0 })
      .where('user_id', '=', userId)
      .where('next_letter_at', '=', row.next_letter_at)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return undefined
    const address = await sameAddress(tx, row, user)
    if (address === undefined || row.ready === 1) {
      await dropRecovery(links, tx, userId)
      return 'over'
    }
    if (!ready) {
      await writeNotice(setting, tx, address, row.due_at)
      return 'noticed'
    }
    const token = await links.issue(tx, { purpose: 'remove-factors', userId, address: address.key, life: READY_FOR })
    const data = { link: post.linkTo('remove-factors', token), hours: String(READY_FOR / HOUR) }
    await post.write(tx, 'remove-factors', address.text, data)
    return 'ready'
  }

  return {
    async of(userId) {
      const row = await kysely.selectFrom('hf_recoveries').selectAll().where('user_id', '=', readId(userId)).executeTakeFirst()
      return row && { askedAt: row.asked_at, dueAt: row.due_at, ready: row.ready === 1 }
    },

    async cancel(id, actor, x) {
      const userId = readId(id)
      const cancelled = await database.transaction(async (tx) => {
        return (await lockUser(tx, dialect, userId)) !== undefined && (await dropRecovery(links, tx, userId))
      })
      if (cancelled) reportCancelled(emit, { userId, by: 'session', actor }, x)
      return cancelled
    },

    async sweep(at) {
      const rows = await kysely.selectFrom('hf_recoveries').selectAll().where('next_letter_at', '<=', at).limit(PAGE).execute()
      let letters = 0
      for (const row of rows) {
        const done = await database.transaction((tx) => step(tx, row, at))
        if (done === 'over') reportCancelled(emit, { userId: row.user_id, by: 'time' })
        if (done === 'ready') emit({ type: 'authn_recovery_ready', data: { userId: row.user_id } })
        if (done === 'ready' || done === 'noticed') letters += 1
      }
      return letters
    },
  }
}

/** The address that was told of it, if it is still the user's, and they may still come in. */
async function sameAddress(tx: AccountsTransaction, row: DueRow, user: UserRow | undefined): Promise<StoredAddress | undefined> {
  const address = user?.status === 'active' ? await addressOf(tx, row.user_id) : undefined
  return address?.verifiedAt !== undefined && address.key === row.address_key ? address : undefined
}

/** Says that it is over, and by what. */
export function reportCancelled(
  emit: Emit,
  { userId, by, actor }: { readonly userId: string; readonly by: 'link' | 'session' | 'time'; readonly actor?: Actor },
  x?: Exchange,
): void {
  emit({ type: 'authn_recovery_cancelled', data: { userId, by, actor: actor && nameOf(actor) } }, x)
}
