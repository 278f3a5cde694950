/** What is wrong with a new account, at which field, and what to do: the words of every form that makes one. */
import type { CredentialProblem } from '../../accounts/types.ts'

export type AccountField = 'login' | 'displayName' | 'password' | 'passwordAgain'

type Problem = CredentialProblem | 'login-invalid' | 'login-taken' | 'name-invalid'

export const ACCOUNT_PROBLEMS: Readonly<Record<Problem, readonly [AccountField, string]>> = {
  'login-invalid': ['login', 'Use letters, digits and signs without spaces, at most 254.'],
  'login-taken': ['login', 'Somebody has this name already. Choose another.'],
  'name-invalid': ['displayName', 'Write 1 to 200 characters on one line.'],
  'too-short': ['password', 'This password is too short.'],
  leaked: ['password', 'This password is in a collection of leaked ones. Choose another.'],
  unchecked: ['password', 'Passwords cannot be checked at the moment. Try again later.'],
  'too-long': ['password', 'This password is longer than 256 characters.'],
  common: ['password', 'This password is among the first that would be tried. Choose another.'],
  contextual: ['password', 'This password contains your name or the name of this site. Choose another.'],
  'control-characters': ['password', 'This password contains a character that cannot be typed.'],
}
