/** Why a password may not be chosen, in words for the one who chooses it. */
import type { CredentialProblem } from '../accounts/types.ts'

const WORDS: Readonly<Record<Exclude<CredentialProblem, 'too-short'> | 'used-before', string>> = {
  'used-before': 'You had this password before. Choose another.',
  leaked: 'This password is in a collection of leaked ones. Choose another.',
  unchecked: 'Passwords cannot be checked at the moment. Try again later.',
  'too-long': 'This password is longer than 256 characters.',
  common: 'This password is among the first that would be tried. Choose another.',
  contextual: 'This password contains your name or the name of this site. Choose another.',
  'control-characters': 'This password contains a character that cannot be typed.',
}

/** `shortest`: the fewest characters that this user's may have. */
export function passwordProblem(reason: CredentialProblem | 'used-before', shortest: number): string {
  return reason === 'too-short' ? `This password is too short: ${shortest} characters at least.` : WORDS[reason]
}
