/**
 * Codes in letters as a second factor: the weakest, because a mailbox is often open where the password is typed, and is what passwords are
 * recovered by. It counts for who has no other factor, and never beside a first step in the same mailbox (`proof-strength.ts`).
 * Sources: NIST SP 800-63B-4 section 3.1.3.1 (mail is no out-of-band authenticator); OWASP Multifactor Authentication Cheat Sheet; L39.
 */
import { sha256 } from '../../crypto/hash.ts'
import { addressOf } from '../addresses/addresses.ts'
import { readMailCode } from '../mail/codes.ts'
import { hashOfToken } from '../sessions/token.ts'
import type { Factor } from './factor.ts'

export const email: Factor = {
  kind: 'email',
  amr: 'email',

  read: readMailCode,

  async match({ codes }, { userId, code, holder }) {
    const challenge = challengeOf(holder)
    const matched = await codes.match('second-factor', challenge, code)
    return matched?.userId === userId ? { kind: 'email', challenge } : undefined
  },

  async spend(tx, userId, credential, now) {
    if (credential.kind !== 'email') return false
    const spent = await tx
      .deleteFrom('hf_mail_codes')
      .where('challenge', '=', credential.challenge)
      .where('user_id', '=', userId)
      .where('expires_at', '>', now)
      .returning('address')
      .executeTakeFirst()
    // Sent to an address that is not theirs any more, or not verified any more: whoever reads it there proves nothing.
    const current = spent && (await addressOf(tx, userId))
    return current?.verifiedAt !== undefined && current.text === spent?.address
  },
}

/** What a code is bound to: the token of the sign-in that waits, or the session that needs a stronger proof. */
export function challengeOf(holder: string): string {
  return hashOfToken(holder) ?? sha256(`session\n${holder}`)
}
