/**
 * Writes the letters that tell owners what happened to their accounts, each with a link that takes it back: "this was not me", and for an
 * address that was changed the one that restores it. No letter holds a secret, an address or who did it: whoever reads it learns no way in.
 * Sources: OWASP ASVS 5.0 6.3.5 and 6.3.7; lessons L36, L86, L108.
 */
import { addressOf, readAddress } from '../addresses/addresses.ts'
import type { Links, NewLink } from '../mail/links.ts'
import { lockUser } from '../lock.ts'
import type { Post } from '../mail/post.ts'
import type { AccountsDatabase, AccountsTransaction } from '../schema.ts'
import { DEVICE_KNOWN_FOR } from './devices.ts'
import { NOTICES, type Notice } from './note.ts'
import type { Notices } from './types.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly links: Links
  readonly post: Post
}

interface Row {
  readonly user_id: string
  readonly about: string
  readonly address: string
  readonly created_at: number
}

const PAGE = 100
const DAY = 86_400_000
/** How long what happened can be taken back. */
export const TAKEN_BACK_FOR = 7 * DAY

/** Makes the writer. Where no mail is set up it drops what was put down. */
export function createNotices({ database, links, post }: Setting): Notices {
  const { kysely, dialect } = database

  async function write(tx: AccountsTransaction, row: Row): Promise<boolean> {
    const user = await lockUser(tx, dialect, row.user_id)
    if (!user || !(await take(tx, row)) || !post.sends) return false
    const to = row.address === '' ? await verifiedOf(tx, user.id) : readAddress(row.address)
    const words = Object.hasOwn(NOTICES, row.about) ? NOTICES[row.about as Notice] : undefined
    if (!to || words === undefined) return false
    const link = await linkFor(tx, row, to)
    const what = { what: words, when: `${new Date(row.created_at).toISOString().slice(0, 16).replace('T', ' ')} UTC` }
    await post.write(tx, 'notice', to.text, { ...what, link: link ?? post.signInPage, days: String(TAKEN_BACK_FOR / DAY) })
    return true
  }

  /** What takes it back, where there is a page for that. */
  async function linkFor(tx: AccountsTransaction, row: Row, to: { text: string; key: string }): Promise<string | undefined> {
    const undone = row.about === 'address-changed'
    const purpose = undone ? 'undo-address' : 'not-me'
    if (!post.takes(purpose)) return undefined
    const bound: NewLink = {
      purpose,
      userId: row.user_id,
      life: TAKEN_BACK_FOR,
      ...(undone ? { address: to.text } : { address: to.key }),
    }
    return post.linkTo(purpose, await links.issue(tx, { ...bound, data: { about: row.about, at: row.created_at } }))
  }

  return {
    async sweep(at) {
      await kysely
        .deleteFrom('hf_devices')
        .where('seen_at', '<=', at - DEVICE_KNOWN_FOR)
        .execute()
      const rows = await kysely.selectFrom('hf_notices').selectAll().orderBy('created_at').limit(PAGE).execute()
      let letters = 0
      for (const row of rows) if (await database.transaction((tx) => write(tx, row))) letters += 1
      return letters
    },
  }
}

/** Of several processes one writes it. */
async function take(tx: AccountsTransaction, { user_id: userId, about, address, created_at: at }: Row): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('hf_notices')
    .where('user_id', '=', userId)
    .where('about', '=', about)
    .where('address', '=', address)
    .where('created_at', '=', at)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

async function verifiedOf(tx: AccountsTransaction, userId: string) {
  const stored = await addressOf(tx, userId)
  return stored?.verifiedAt === undefined ? undefined : stored
}
