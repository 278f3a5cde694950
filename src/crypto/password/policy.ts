/**
 * Which passwords may be chosen: long, not a pattern, not made of what is known about the account. No rules about kinds of
 * characters, which only make people write `Password1!`.
 * Source: NIST SP 800-63B-4 section 3.1.1.2 (15 characters where the password is the only factor), OWASP ASVS 5.0 6.2.
 */
import { reveal, type Secret } from '../secret.ts'
import { isCommonPassword } from './common.ts'
import { LONGEST_PASSWORD, normalisePassword } from './normalise.ts'
import { partsOf, periodOf } from './patterns.ts'

export interface PasswordPolicy {
  /** The fewest code points, at least 8. @default 15 */
  readonly minimum?: number
  /** The most code points, 64 to 256. @default 256 */
  readonly maximum?: number
  /** What others know or guess: the user's name and address, the name of the site. At most 32 texts are looked at. @default nothing */
  readonly context?: readonly string[]
}

export type PasswordRefusal = 'too-short' | 'too-long' | 'common' | 'contextual' | 'control-characters'
export type PasswordVerdict = { readonly ok: true } | { readonly ok: false; readonly reason: PasswordRefusal }

const FEWEST_PARTS = 8
const MOST_CONTEXT = 32
const LONGEST_CONTEXT = 256
const SHORTEST_WORD = 4

/**
 * Whether the password may be chosen. `common`: a guesser reaches it soon, being one of the list of common passwords, or made of
 * repeats, sequences, keyboard walks and the commonest words; `contextual`: so it is with the words of `context`. Whether a password has leaked is for `leaked.ts` to say.
 * Throws for a policy that allows fewer than 8 or refuses 64 code points.
 */
export function checkPassword(password: string | Secret, policy: PasswordPolicy = {}): PasswordVerdict {
  const { minimum = 15, maximum = LONGEST_PASSWORD, context = [] } = policy
  if (!Number.isInteger(minimum) || minimum < 8 || minimum > 64)
    throw new RangeError(`A password policy asks for 8 to 64 characters at least, got ${minimum}.`)
  if (!Number.isInteger(maximum) || maximum < 64 || maximum > LONGEST_PASSWORD)
    throw new RangeError(`A password policy allows 64 to ${LONGEST_PASSWORD} characters at most, got ${maximum}.`)

  const normalised = normalisePassword(reveal(password))
  if (!normalised.ok) return normalised
  const { text, length } = normalised
  if (length > maximum) return refused('too-long')
  if (/\p{Cc}/u.test(text)) return refused('control-characters')
  if (length < minimum) return refused('too-short')
  const period = periodOf(text)
  if (period <= text.length / 2 && period < minimum) return refused('common') // what is repeated must be long enough by itself
  const fewest = Math.min(FEWEST_PARTS, minimum - 2)
  if (partsOf(text) < fewest) return refused('common')
  if (partsOf(text, wordsOf(context)) < fewest) return refused('contextual')
  return isCommonPassword(text) ? refused('common') : { ok: true }
}

function refused(reason: PasswordRefusal): PasswordVerdict {
  return { ok: false, reason }
}

/** The texts whole and their words, lower case, with four characters or more: shorter ones occur in everything. */
function wordsOf(context: readonly string[]): string[] {
  const words = new Set<string>()
  for (const entry of context.slice(0, MOST_CONTEXT)) {
    const text = entry.slice(0, LONGEST_CONTEXT).normalize('NFKC').toLowerCase().trim()
    for (const word of [text, ...text.split(/[^\p{L}\p{N}]+/u)]) if (word.length >= SHORTEST_WORD) words.add(word)
  }
  return [...words]
}
