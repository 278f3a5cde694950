/**
 * The address of mail of each user: one, verified or not. Mail goes to what is stored here, never to what was typed (L102;
 * CVE-2019-19844, CVE-2022-35924), and of a verified address there is one owner.
 * Sources: RFC 5321 section 4.1.2, RFC 6531; OWASP ASVS 5.0 6.3.7; OWASP Email Validation and Verification (Input Validation Cheat Sheet).
 */
import { isUniqueViolation } from '../../store/errors.ts'
import type { AccountsDatabase, AccountsTransaction } from '../schema.ts'

/** An address as accounts work with it. */
export interface MailAddress {
  /** As it is stored and mailed to: the local part as it was typed, the domain in lower case. */
  readonly text: string
  /** The one spelling that counts: all in lower case. */
  readonly key: string
}

/** What is stored of one. */
export interface StoredAddress extends MailAddress {
  readonly userId: string
  readonly verifiedAt: number | undefined
}

/** It is the verified address of somebody else. For operators alone: to anybody else it would tell who has an account. */
export class AddressTaken extends Error {
  override readonly name = 'AddressTaken'
}

const LONGEST = 254 // RFC 5321 erratum 1690
const LONGEST_LOCAL = 64
// ASCII local part of RFC 5321 without quotes; a domain of letters, digits and hyphens, with a dot. One `@`, no comma, no space,
// nothing that a mail library could read as two addresses or as a header. Domains of other scripts are written in Punycode.
const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** Reads an address that was typed; `undefined` when it is none that mail is sent to. Linear in its length. */
export function readAddress(typed: string): MailAddress | undefined {
  if (typed.length > LONGEST + 2) return undefined
  const trimmed = typed.trim()
  const at = trimmed.indexOf('@')
  if (trimmed.length > LONGEST || at < 1 || at !== trimmed.lastIndexOf('@')) return undefined
  const [local, domain] = [trimmed.slice(0, at), trimmed.slice(at + 1).toLowerCase()]
  const labels = domain.split('.')
  const fits =
    local.length <= LONGEST_LOCAL && LOCAL.test(local) && labels.length > 1 && labels.every((label) => LABEL.test(label))
  return fits ? { text: `${local}@${domain}`, key: `${local.toLowerCase()}@${domain}` } : undefined
}

/** Inside a transaction, or not. */
export type On = AccountsTransaction | AccountsDatabase['kysely']

/** The address of a user, verified or not. */
export async function addressOf(on: On, userId: string): Promise<StoredAddress | undefined> {
  const row = await on.selectFrom('hf_addresses').selectAll().where('user_id', '=', userId).executeTakeFirst()
  return row && stored(row)
}

/** Whose verified address it is. An address that was not verified is nobody's (L41, L96). */
export async function ownerOf(on: On, { key }: MailAddress): Promise<StoredAddress | undefined> {
  const query = on.selectFrom('hf_addresses').selectAll().where('address_key', '=', key).where('verified_at', 'is not', null)
  const row = await query.executeTakeFirst()
  return row && stored(row)
}

/**
 * Writes the address of a user in place of the one before; rejects with `AddressTaken` when it is verified and another's. It is for users
 * who are made in this transaction: whoever changes an address calls `changeAddress`, which also does what follows from it.
 */
export async function setAddress(
  tx: AccountsTransaction,
  userId: string,
  { text, key }: MailAddress,
  verifiedAt: number | undefined,
): Promise<void> {
  const values = { address: text, address_key: key, verified_at: verifiedAt ?? null }
  try {
    await tx
      .insertInto('hf_addresses')
      .values({ user_id: userId, ...values })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet(values))
      .execute()
  } catch (cause) {
    if (isUniqueViolation(cause)) throw new AddressTaken('The address is the verified one of another user.', { cause })
    throw cause
  }
}

function stored(row: { user_id: string; address: string; address_key: string; verified_at: number | null }): StoredAddress {
  return { userId: row.user_id, text: row.address, key: row.address_key, verifiedAt: row.verified_at ?? undefined }
}
