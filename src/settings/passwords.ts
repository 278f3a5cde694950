/** The option `passwords`: how they are hashed, what is mixed in, which are refused, and what was brought from elsewhere. */
import { parseKeyring, type KeyRing } from '../crypto/keyring.ts'
import { createHasher, type Hasher, type HasherOptions } from '../crypto/password/hasher.ts'
import type { ImportedSecrets } from '../crypto/password/foreign/secrets.ts'
import { createLeakCheck, type LeakCheck, type LeakedOptions } from '../crypto/password/leaked.ts'
import type { Secret } from '../crypto/secret.ts'
import { HoldfastError } from '../engine/errors.ts'
import type { PasswordRules } from '../accounts/password-rules.ts'
import { milliseconds, type Duration } from '../engine/duration.ts'
import { invalid, refuseUnknown, wholeNumber } from '../engine/options.ts'
import { loadStrength, StrengthMissing, type Strength } from '../crypto/password/strength.ts'
import { createOutbound } from '../outbound/index.ts'

export interface PasswordsOptions {
  /** How much hashing may cost and wait. */
  readonly hashing?: HasherOptions
  /**
   * A key ring of its own, from `holdfast keys generate`, that is mixed into every hash: a stolen database cannot be guessed at without it.
   * It rotates like the other; whoever loses it loses all passwords. @default none
   */
  readonly pepper?: string | Secret
  /** Asks a service whether a password has leaked; it learns 20 bits of its hash. @default nobody is asked */
  readonly leaked?: LeakedOptions
  /** What Flask-Security or Firebase kept outside of the database that users were imported from. @default nothing */
  readonly imported?: ImportedSecrets
  /**
   * How many passwords, the current one among them, a user may not choose again: 0 to 24. Each costs one hash when a password is set. NIST
   * SP 800-63B-4 asks for none of this. @default 0
   */
  readonly history?: number
  /**
   * After how long a password must be replaced at the next sign-in: a day or more. NIST SP 800-63B-4 section 3.1.1.2 forbids it without
   * a sign that the password is known to somebody else, because people choose worse ones then. @default none
   */
  readonly expiry?: Duration
  /** Whether the page of the password says how strong a new one is. It refuses none. Needs the package `@zxcvbn-ts/core`. @default false */
  readonly strengthHint?: boolean
}

export interface Passwords {
  readonly hasher: Hasher
  readonly leaks: LeakCheck | undefined
  readonly pepper: KeyRing | undefined
  readonly rules: PasswordRules
  readonly strength: Strength | undefined
}

const NAMES = ['hashing', 'pepper', 'leaked', 'imported', 'history', 'expiry', 'strengthHint']
const LEAKED = ['onFailure', 'url', 'timeout', 'fetch'] satisfies (keyof LeakedOptions)[]
const IMPORTED = ['flaskSecuritySalt', 'firebase'] satisfies (keyof ImportedSecrets)[]
const PURPOSE = 'password-pepper'

/** Throws HoldfastError for what cannot work. */
export function readPasswords(options: PasswordsOptions | undefined = {}, warn: (message: string) => void): Passwords {
  const { hashing, leaked, imported } = options
  refuseUnknown('passwords', options, NAMES)
  refuseUnknown('passwords.leaked', leaked ?? {}, LEAKED)
  refuseUnknown('passwords.imported', imported ?? {}, IMPORTED)
  const pepper = readPepper(options)
  const rules = readRules(options, warn)
  const strength = readStrength(options)
  try {
    return {
      hasher: createHasher({ warn, ...hashing, ...(imported && { imported }), ...(pepper && { pepper }) }),
      leaks: leaked && createLeakCheck(guarded(leaked)),
      pepper,
      rules,
      strength,
    }
  } catch (error) {
    throw error instanceof RangeError ? new HoldfastError('HF_OPTION_INVALID', error.message, { cause: error }) : error
  }
}

const DAY = 86_400_000
const MOST_HISTORY = 24

function readRules({ history = 0, expiry }: PasswordsOptions, warn: (message: string) => void): PasswordRules {
  wholeNumber('passwords.history', history, 0, MOST_HISTORY)
  if (expiry === undefined) return { history }
  const length = milliseconds('passwords.expiry', expiry)
  if (length < DAY) invalid('passwords.expiry', expiry, 'Write a day or more, or leave it out.')
  warn('Passwords expire, which NIST SP 800-63B-4 section 3.1.1.2 forbids: people choose worse ones then.')
  return { history, expiry: length }
}

function readStrength({ strengthHint = false }: PasswordsOptions): Strength | undefined {
  if (typeof strengthHint !== 'boolean') invalid('passwords.strengthHint', strengthHint, 'Write true or false.')
  if (!strengthHint) return undefined
  try {
    return loadStrength()
  } catch (error) {
    if (!(error instanceof StrengthMissing)) throw error
    const fix = 'Run: npm install @zxcvbn-ts/core @zxcvbn-ts/language-common'
    throw new HoldfastError('HF_OPTION_INVALID', `passwords.strengthHint is true. ${error.message}`, { fix, cause: error })
  }
}

/** The public service is asked through the guard; an address of the operator's own may be anywhere. */
function guarded(leaked: LeakedOptions): LeakedOptions {
  if (leaked.url !== undefined || leaked.fetch !== undefined) return leaked
  const { fetch } = createOutbound({ allow: ['api.pwnedpasswords.com'] })
  return { ...leaked, fetch }
}

/** Throws HF_KEYS_INVALID for a pepper that holds a key of the key ring: who got that would have the pepper, too. */
export function refuseSharedKeys(pepper: KeyRing | undefined, keys: Pick<KeyRing, 'ids' | 'subkey'>): void {
  const others = new Set(keys.ids.map((id) => keys.subkey(PURPOSE, id)?.toString('hex')))
  const shared = pepper?.ids.find((id) => others.has(pepper.subkey(PURPOSE, id)?.toString('hex')))
  if (shared === undefined) return
  throw new HoldfastError('HF_KEYS_INVALID', `The key "${shared}" is in the key ring and in the pepper.`, {
    fix: 'Make one for the pepper alone, with "holdfast keys generate".',
  })
}

function readPepper({ pepper, hashing }: PasswordsOptions): KeyRing | undefined {
  if (pepper === undefined) return undefined
  if (hashing?.pepper === undefined) return parsePepper(pepper)
  throw new HoldfastError('HF_OPTION_INVALID', 'The pepper is given twice.', {
    fix: 'Keep passwords.pepper, and leave out passwords.hashing.pepper.',
  })
}

function parsePepper(text: string | Secret): KeyRing {
  try {
    return parseKeyring(text)
  } catch (error) {
    throw new HoldfastError('HF_KEYS_INVALID', `passwords.pepper: ${(error as Error).message}`, { cause: error })
  }
}
