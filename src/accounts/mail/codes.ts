/**
 * Codes that somebody reads in a letter and types here. Each belongs to one challenge, which the browser that asked for it holds, and to
 * one purpose (L39); it is stored under a keyed hash, is good for ten minutes and five tries, and is the only one of its user (L25, L27).
 * Eight digits: five tries at each of the letters that a mailbox gets in an hour are one chance in a million.
 * Sources: NIST SP 800-63B-4 section 3.2.2; OWASP ASVS 5.0 6.5.1, 6.5.4, 6.6.2, 6.6.3; Better Auth #10612, GHSA-hc7v-rggr-4hvx.
 */
import type { Expression } from 'kysely'
import type { KeyRing } from '../../crypto/keyring.ts'
import type { AccountsDatabase, AccountsTransaction } from '../schema.ts'

/** What a code is for; it is nothing anywhere else. */
export type CodePurpose = 'sign-in' | 'second-factor' | 'enrol'

export interface NewCode {
  readonly purpose: CodePurpose
  /** A hash of what the browser holds: of its cookie, or of its session. */
  readonly challenge: string
  /** Whose it is, and the address it goes to. Without them it is nobody's: made with the same work, and in no letter. */
  readonly whose: { readonly userId: string; readonly address: string } | undefined
}

/** What a code was made for, to who typed it. */
export interface Matched {
  readonly userId: string
  readonly address: string
}

export interface MailCodes {
  /** Eight digits, in place of the code that this user had for this purpose. Written in the transaction that also writes the letter. */
  issue(tx: AccountsTransaction, code: NewCode): Promise<string>
  /** Uses up one try, and says whose code it is when it is right: exactly five of many at once are looked at. */
  match(purpose: CodePurpose, challenge: string, typed: string): Promise<Matched | undefined>
  /** It is over; of many at once one gets `true`. */
  spend(tx: AccountsTransaction, challenge: string): Promise<boolean>
  /** Deletes what is void; returns how many. */
  sweep(now: number): Promise<number>
}

interface Setting {
  readonly database: AccountsDatabase
  readonly keys: Pick<KeyRing, 'sign' | 'verify'>
  readonly random: (bytes: number) => string
  readonly now: () => number
}

/** Milliseconds. */
export const CODE_LIFE = 600_000
const PURPOSE = 'accounts/mail-code'
const MOST_TRIES = 5
const DIGITS = 8
const CODE = /^\d{8}$/

/** What was typed as a code of a letter, or `undefined` when it cannot be one: people group digits with a blank or a dash. */
export function readMailCode(typed: string): string | undefined {
  if (typed.length > 64) return undefined
  const digits = typed.replace(/[\s-]/g, '')
  return CODE.test(digits) ? digits : undefined
}

/** Makes the service. Its key is derived for this purpose alone: a copy of the table says nothing about the codes in it. */
export function createMailCodes({ database, keys, random, now }: Setting): MailCodes {
  const nobodys = keys.sign(PURPOSE, 'nobody')

  return {
    async issue(tx, { purpose, challenge, whose }) {
      const digits = newDigits(random)
      const at = now()
      await tx
        .deleteFrom('hf_mail_codes')
        .where('user_id', '=', whose?.userId ?? '')
        .where('purpose', '=', purpose)
        .execute()
      const values = {
        ...{ purpose, user_id: whose?.userId ?? null, address: whose?.address ?? null },
        ...{ code: keys.sign(PURPOSE, [purpose, challenge, digits]), tries: 0, expires_at: at + CODE_LIFE },
      }
      await tx
        .insertInto('hf_mail_codes')
        .values({ challenge, ...values })
        .onConflict((conflict) => conflict.column('challenge').doUpdateSet(values))
        .execute()
      return digits
    },

    async match(purpose, challenge, typed) {
      const digits = readMailCode(typed) ?? ''
      const row = await database.kysely
        .updateTable('hf_mail_codes')
        .set((eb) => ({ tries: eb('tries', '+', 1) as Expression<number> }))
        .where('challenge', '=', challenge)
        .where('purpose', '=', purpose)
        .where('tries', '<', MOST_TRIES)
        .where('expires_at', '>', now())
        .returning(['user_id', 'address', 'code'])
        .executeTakeFirst()
      // Compared first, and only then asked whose it is: who types a wrong code learns nothing (L79).
      if (!keys.verify(PURPOSE, [purpose, challenge, digits], row?.code ?? nobodys).ok) return undefined
      const { user_id: userId, address } = row!
      return userId === null || address === null ? undefined : { userId, address }
    },

    async spend(tx, challenge) {
      const { numDeletedRows } = await tx
        .deleteFrom('hf_mail_codes')
        .where('challenge', '=', challenge)
        .where('expires_at', '>', now())
        .executeTakeFirst()
      return numDeletedRows === 1n
    },

    async sweep(at) {
      const { numDeletedRows } = await database.kysely
        .deleteFrom('hf_mail_codes')
        .where('expires_at', '<=', at)
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}

/** Of 128 bits, so that no digit is likelier than another. */
function newDigits(random: (bytes: number) => string): string {
  const number = BigInt(`0x${Buffer.from(random(16), 'base64url').toString('hex')}`)
  return String(number % 10n ** BigInt(DIGITS)).padStart(DIGITS, '0')
}
