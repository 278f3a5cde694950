/** THE LIST of letters. */
import type { Letter } from './letter.ts'
import { addressWanted } from './address-wanted.ts'
import { approvalAsked } from './approval-asked.ts'
import { breakGlassOpened } from './break-glass-opened.ts'
import { alreadyHaveAccount } from './already-have-account.ts'
import { changeAddressLetter } from './change-address.ts'
import { delayedRecovery } from './delayed-recovery.ts'
import { deletion } from './deletion.ts'
import { emailCode } from './email-code.ts'
import { factorCode } from './factor-code.ts'
import { invitationToOwner } from './invitation-to-owner.ts'
import { invitation } from './invitation.ts'
import { impersonated } from './impersonated.ts'
import { magicLink } from './magic-link.ts'
import { notice } from './notice.ts'
import { recover } from './recover.ts'
import { removeFactors } from './remove-factors.ts'
import { signUp } from './sign-up.ts'
import { unlock } from './unlock.ts'
import { verifyAddress } from './verify-address.ts'

export const letters = {
  'magic-link': magicLink,
  recover,
  unlock,
  'delayed-recovery': delayedRecovery,
  'remove-factors': removeFactors,
  'sign-up': signUp,
  'already-have-account': alreadyHaveAccount,
  'verify-address': verifyAddress,
  invitation,
  'invitation-to-owner': invitationToOwner,
  'email-code': emailCode,
  'factor-code': factorCode,
  notice,
  deletion,
  'change-address': changeAddressLetter,
  'address-wanted': addressWanted,
  impersonated,
  'approval-asked': approvalAsked,
  'break-glass-opened': breakGlassOpened,
} as const

export type LetterName = keyof typeof letters
export type LetterData<Name extends LetterName> = (typeof letters)[Name] extends Letter<infer Data> ? Data : never

/** One letter, as it is put into the outbox. */
export interface Posted {
  readonly letter: LetterName
  /** A stored address. */
  readonly to: string
  readonly data: Readonly<Record<string, string>>
}
