/** What the formats with PBKDF2 and scrypt have in common once their text is read: the bounds, the judgement, the derivation. */
import type { PasswordSetting, Recipe } from '../algorithm.ts'
import {
  areIterations,
  derivePbkdf2,
  deriveScrypt,
  isScryptCost,
  isWeakPbkdf2,
  isWeakScrypt,
  type Digest,
  type ScryptCost,
} from './derive.ts'
import { blanked } from './digest.ts'

interface Read {
  /** The whole text as it is stored. */
  readonly stored: string
  /** The digest as it stands at the end of that text. */
  readonly encoded: string
  readonly digest: Buffer
  /** Text counts as its bytes. */
  readonly salt: string | Buffer
  /** Whose format it is, for people; nothing for the plain ones. */
  readonly of?: string
}

/** Nothing, when it asks for more iterations than a server will pay. */
export function pbkdf2Recipe(
  setting: PasswordSetting,
  read: Read & { readonly name: Digest; readonly iterations: number },
): Recipe | undefined {
  const { name, iterations, digest } = read
  if (!areIterations(iterations)) return undefined
  const salt = Buffer.from(read.salt)
  return {
    scheme: named(read.of, `pbkdf2-${name} ${iterations}`),
    weak: isWeakPbkdf2(name, iterations),
    digest,
    blank: blanked(read.stored, read.encoded),
    digests: async (password) => [await derivePbkdf2(setting, name, { password, salt, iterations, length: digest.length })],
  }
}

/** Nothing, when it asks for more memory or time than a server will pay. `weak`: for a cost that is the format's own. */
export function scryptRecipe(
  setting: PasswordSetting,
  read: Read & { readonly cost: ScryptCost; readonly weak?: boolean },
): Recipe | undefined {
  const { cost, digest } = read
  if (!isScryptCost(cost)) return undefined
  const salt = Buffer.from(read.salt)
  return {
    scheme: named(read.of, `scrypt ${cost.N}:${cost.r}:${cost.p}`),
    weak: read.weak ?? isWeakScrypt(cost),
    digest,
    blank: blanked(read.stored, read.encoded),
    digests: async (password) => [await deriveScrypt(setting, cost, { password, salt, length: digest.length })],
  }
}

function named(of: string | undefined, scheme: string): string {
  return of === undefined ? scheme : `${of} ${scheme}`
}
