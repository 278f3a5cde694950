/**
 * One-time secrets that go to somebody by mail. Each is for one purpose and is nothing at every other (L39); it is stored as its hash,
 * bound to what it verifies (L28), ends at its time on every path (L35), and is used up in the transaction of what it does, so that of
 * many at once one wins and a failure loses nothing (L25).
 * Sources: OWASP Forgot Password Cheat Sheet; OWASP ASVS 5.0 6.6, 7.2; CVE-2026-32700, CVE-2023-48220.
 */
import { Secret } from '../../crypto/secret.ts'
import type { AccountsDatabase, AccountsTransaction } from '../schema.ts'
import { hashOfToken, newToken } from '../sessions/token.ts'

/** What a link does. A new one is a line here, and a page that names it in its `paths`. */
export type LinkPurpose =
  | 'magic-link' // signs in
  | 'recover' // sets a new password
  | 'cancel-recovery' // ends a delayed recovery
  | 'remove-factors' // the end of its delay: removes the second factor
  | 'invitation' // makes an account, or joins a tenant
  | 'verify-address' // shows that somebody reads the mail of an address
  | 'change-address' // the same for the next address
  | 'undo-address' // takes the change back
  | 'sign-up' // makes the account that was asked for
  | 'keep-account' // takes a deletion back
  | 'unlock' // ends a lock
  | 'not-me' // says of a notice that it was somebody else

/** What a link was made for. */
export interface NewLink {
  readonly purpose: LinkPurpose
  /** Whose it is; absent while there is no account. */
  readonly userId?: string | undefined
  /** The address it goes to, or verifies. */
  readonly address?: string | undefined
  /** What it is bound to besides; no secret. */
  readonly data?: Readonly<Record<string, string | number | boolean>> | undefined
  /** Milliseconds until it is void. */
  readonly life: number
}

/** What a link is, to who has its token. */
export interface Link extends Omit<NewLink, 'life' | 'data'> {
  readonly data: Readonly<Record<string, string | number | boolean>>
  readonly createdAt: number
  readonly expiresAt: number
}

export interface Links {
  /** The token, 256 bits: it stands in the mail and nowhere else. Written in the transaction that also writes the letter. */
  issue(tx: AccountsTransaction, link: NewLink): Promise<Secret>
  /** What it is, without using it up: what a page shows before its button is pressed (mail scanners follow links). */
  read(purpose: LinkPurpose, token: string): Promise<Link | undefined>
  /** The same, and it is over; of many at once one gets it. */
  consume(tx: AccountsTransaction, purpose: LinkPurpose, token: string): Promise<Link | undefined>
  /** Ends those of a user, of these purposes or of all; returns how many. */
  end(tx: AccountsTransaction, userId: string, purposes?: readonly LinkPurpose[]): Promise<number>
  /** Deletes what is void; returns how many. */
  sweep(now: number): Promise<number>
}

interface Setting {
  readonly database: AccountsDatabase
  readonly random: (bytes: number) => string
  readonly now: () => number
}

/** Makes the service. */
export function createLinks({ database, random, now }: Setting): Links {
  return {
    async issue(tx, { purpose, userId, address, data = {}, life }) {
      const { token, hash } = newToken(random)
      const at = now()
      const bound = { user_id: userId ?? null, address: address ?? null, data: JSON.stringify(data) }
      await tx
        .insertInto('hf_links')
        .values({ hash, purpose, ...bound, created_at: at, expires_at: at + life })
        .execute()
      return token
    },

    async read(purpose, token) {
      const hash = hashOfToken(token)
      if (hash === undefined) return undefined
      const row = await database.kysely
        .selectFrom('hf_links')
        .selectAll()
        .where('hash', '=', hash)
        .where('purpose', '=', purpose)
        .where('expires_at', '>', now())
        .executeTakeFirst()
      return row && toLink(row)
    },

    async consume(tx, purpose, token) {
      const hash = hashOfToken(token)
      if (hash === undefined) return undefined
      const row = await tx
        .deleteFrom('hf_links')
        .where('hash', '=', hash)
        .where('purpose', '=', purpose)
        .where('expires_at', '>', now())
        .returningAll()
        .executeTakeFirst()
      return row && toLink(row)
    },

    async end(tx, userId, purposes) {
      const { numDeletedRows } = await tx
        .deleteFrom('hf_links')
        .where('user_id', '=', userId)
        .$if(purposes !== undefined, (query) => query.where('purpose', 'in', purposes!))
        .executeTakeFirst()
      return Number(numDeletedRows)
    },

    async sweep(at) {
      const { numDeletedRows } = await database.kysely.deleteFrom('hf_links').where('expires_at', '<=', at).executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}

interface Row {
  purpose: string
  user_id: string | null
  address: string | null
  data: string
  created_at: number
  expires_at: number
}

function toLink({ purpose, user_id, address, data, created_at, expires_at }: Row): Link {
  const bound: Link['data'] = JSON.parse(data)
  return {
    purpose: purpose as LinkPurpose,
    userId: user_id ?? undefined,
    address: address ?? undefined,
    data: bound,
    createdAt: created_at,
    expiresAt: expires_at,
  }
}
