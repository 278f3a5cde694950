/**
 * Recovery codes: ten, on paper, for the day the telephone is gone. Each is 80 bits, stored as its hash, shown once, good once.
 * Sources: NIST SP 800-63B-4 section 3.1.2 (look-up secrets), OWASP Multifactor Authentication Cheat Sheet; CVE-2025-67507.
 */
import { sha256 } from '../../crypto/hash.ts'
import { normaliseCode, randomCode } from '../../crypto/random.ts'
import { Secret } from '../../crypto/secret.ts'
import type { AccountsDatabase, AccountsTransaction } from '../schema.ts'
import type { Factor } from './factor.ts'

const COUNT = 10
const SYMBOLS = 16 // × 5 bits: nobody guesses it, so a plain hash is enough

export const recoveryCodes: Factor = {
  kind: 'recovery-codes',
  amr: 'otp',

  read: (typed) => normaliseCode(typed, SYMBOLS),

  async match({ database }, { userId, code }) {
    const hash = sha256(code)
    const row = await database.kysely
      .selectFrom('hf_recovery_codes')
      .select('hash')
      .where('user_id', '=', userId)
      .where('hash', '=', hash)
      .executeTakeFirst()
    return row && { kind: 'recovery-codes', hash }
  },

  async spend(tx, userId, credential) {
    if (credential.kind !== 'recovery-codes') return false
    const { numDeletedRows } = await tx
      .deleteFrom('hf_recovery_codes')
      .where('user_id', '=', userId)
      .where('hash', '=', credential.hash)
      .executeTakeFirst()
    return numDeletedRows === 1n
  },
}

/** Ten new codes in place of all that were there. They exist in what this returns and nowhere else. */
export async function replaceCodes(tx: AccountsTransaction, userId: string): Promise<readonly Secret[]> {
  const codes = Array.from({ length: COUNT }, () => randomCode(undefined, SYMBOLS))
  await dropCodes(tx, userId)
  await tx
    .insertInto('hf_recovery_codes')
    .values(codes.map((code) => ({ user_id: userId, hash: sha256(code) })))
    .execute()
  return codes.map((code) => new Secret(code))
}

/** None is left. */
export async function dropCodes(tx: AccountsTransaction, userId: string): Promise<void> {
  await tx.deleteFrom('hf_recovery_codes').where('user_id', '=', userId).execute()
}

/** How many are left. */
export async function countCodes(on: AccountsTransaction | AccountsDatabase['kysely'], userId: string): Promise<number> {
  const { count } = await on
    .selectFrom('hf_recovery_codes')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return Number(count)
}
