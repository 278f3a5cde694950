/** What is wrong with a new account, at which field, and what to do: the words of every form that makes one. */
import { SHORTEST } from '../../accounts/index.ts'
import type { CredentialProblem } from '../../accounts/types.ts'
import { passwordProblem } from '../../console/password-problems.ts'

export type AccountField = 'login' | 'displayName' | 'password' | 'passwordAgain'

const WORDS = {
  'login-invalid': ['login', 'Use letters, digits and signs without spaces, at most 254.'],
  'login-taken': ['login', 'Somebody has this name already. Choose another.'],
  'name-invalid': ['displayName', 'Write 1 to 200 characters that can be seen, on one line.'],
} as const

export type AccountProblem = CredentialProblem | keyof typeof WORDS

/** The field that it stands at, and the words. A new account has no second factor, so its password is not a short one. */
export function accountProblem(reason: AccountProblem): readonly [AccountField, string] {
  return Object.hasOwn(WORDS, reason)
    ? WORDS[reason as keyof typeof WORDS]
    : ['password', passwordProblem(reason as CredentialProblem, SHORTEST.alone)]
}
