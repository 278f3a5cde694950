/** THE LIST of letters. */
import { alreadyHaveAccount } from './already-have-account.ts'
import { invitation } from './invitation.ts'
import { invitationToOwner } from './invitation-to-owner.ts'
import type { Letter } from './letter.ts'
import { magicLink } from './magic-link.ts'
import { signUp } from './sign-up.ts'
import { verifyAddress } from './verify-address.ts'

export const letters = {
  'magic-link': magicLink,
  'sign-up': signUp,
  'already-have-account': alreadyHaveAccount,
  'verify-address': verifyAddress,
  invitation,
  'invitation-to-owner': invitationToOwner,
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
