/**
 * How long a password would last against somebody who guesses well, as a hint for the one who chooses it. It refuses nothing: that is for
 * `policy.ts`. It is the estimate of zxcvbn (Wheeler, USENIX Security 2016), by the optional package `@zxcvbn-ts/core`.
 * Source: NIST SP 800-63B-4 section 3.1.1.2 ("offer guidance"); OWASP ASVS 5.0 6.2.
 */
import { createRequire } from 'node:module'
import { reveal, type Secret } from '../secret.ts'

/** 0: found at once, to 4: not found in years. */
export type StrengthScore = 0 | 1 | 2 | 3 | 4

/** `about`: what a guesser knows of the user. */
export type Strength = (password: string | Secret, about?: readonly string[]) => StrengthScore

/** What is used of the package. */
interface Estimator {
  check(password: string, about: string[]): { readonly score: StrengthScore }
}
interface Core {
  readonly ZxcvbnFactory: new (options: { readonly dictionary?: object; readonly graphs?: object }) => Estimator
}
interface Words {
  readonly dictionary: object
  readonly adjacencyGraphs: object
}

/** Its work grows with the length, and what is longer is strong by that alone. */
const LONGEST = 100

export class StrengthMissing extends Error {
  override readonly name = 'StrengthMissing'
}

/** Loads the package. Throws `StrengthMissing` when it is not installed. With `@zxcvbn-ts/language-common` it knows more words. */
export function loadStrength(load: (name: string) => unknown = createRequire(import.meta.url)): Strength {
  const core = attempt(load, '@zxcvbn-ts/core') as Core | undefined
  if (core === undefined) throw new StrengthMissing('The package @zxcvbn-ts/core is not installed.')
  const words = attempt(load, '@zxcvbn-ts/language-common') as Words | undefined
  const estimator = new core.ZxcvbnFactory(words ? { dictionary: words.dictionary, graphs: words.adjacencyGraphs } : {})
  return (password, about = []) => estimator.check(reveal(password).slice(0, LONGEST), [...about]).score
}

function attempt(load: (name: string) => unknown, name: string): unknown {
  try {
    return load(name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}
