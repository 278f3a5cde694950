/**
 * Whose mailbox is meant by what somebody typed, a login or an address, and whether a letter may go there now. A letter that lets
 * somebody in goes to the address that is stored, and only once it is verified (L41, L102). Whatever was typed costs the same queries, and
 * the answer is the same; that a mailbox had enough letters is told to the log alone (L73, L76).
 * Sources: OWASP Authentication Cheat Sheet; OWASP Forgot Password Cheat Sheet; CVE-2022-35924, CVE-2024-39329.
 */
import type { AccountsDatabase } from '../schema.ts'
import type { Emit } from '../../engine/events.ts'
import type { Asks } from '../mail/asks.ts'
import { readAddress } from './addresses.ts'
import type { LoginName } from '../users/names.ts'
import type { Origin } from '../types.ts'

/** Somebody who may be let in by mail. */
export interface Mailbox {
  readonly userId: string
  /** Their login as counters know it. */
  readonly mark: string
  /** As it is stored. */
  readonly address: string
  /** The address as counters and the log know it. */
  readonly to: string
}

/** Without a mailbox nobody is written to, and everything else is done all the same. */
export type Meant =
  | { readonly ok: true; readonly mailbox: Mailbox | undefined }
  | { readonly ok: false; readonly reason: 'throttled'; readonly retryAfter: number }

export interface Mailboxes {
  /** Counts the asker's network, which is told so, and the mailbox, which is not. `typed`: a login or an address. */
  meantBy(door: string, typed: string, from: Origin): Promise<Meant>
}

interface Setting {
  readonly database: AccountsDatabase
  readonly names: (login: string) => LoginName
  readonly asks: Asks
  readonly emit: Emit
}

interface Row {
  readonly id: string
  readonly login: string
  readonly address: string
  readonly address_key: string
}

const WHO = `u.status = 'active' AND u.kind = 'person' AND a.verified_at IS NOT NULL`
// The owner of an address comes before somebody who chose it as a login: the login is only what they wrote (L41).
const FIND = `SELECT u.id, u.login, a.address, a.address_key, 0 AS place FROM hf_addresses a JOIN hf_users u ON u.id = a.user_id
  WHERE a.address_key = ? AND ${WHO}
  UNION ALL SELECT u.id, u.login, a.address, a.address_key, 1 AS place FROM hf_users u JOIN hf_addresses a ON a.user_id = u.id
  WHERE u.login_key = ? AND ${WHO}
  ORDER BY place LIMIT 1`

/** Makes the service. */
export function createMailboxes({ database, names, asks, emit }: Setting): Mailboxes {
  const find = database.statement<Row>(FIND)

  return {
    async meantBy(door, typed, from) {
      const row = await find.get(readAddress(typed)?.key ?? '', names(typed).key)
      const to = names(row?.address_key ?? typed).mark
      const asking = await asks.admit(door, to, from)
      if (!asking.ok) return { ok: false, reason: 'throttled', retryAfter: asking.retryAfter }
      if (!row) emit({ type: 'authn_mailbox_unknown', data: { door, login: to } }, from.exchange)
      if (!row || !asking.letter) return { ok: true, mailbox: undefined }
      return { ok: true, mailbox: { userId: row.id, mark: names(row.login).mark, address: row.address, to } }
    },
  }
}
