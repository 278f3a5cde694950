/** The shape of a password hash format: one file each, named in `algorithms.ts` or, for those of other systems, in `foreign/index.ts`. */
import type { Argon2Engine, Argon2Parameters } from './argon2-engine.ts'
import type { ImportedSecrets } from './foreign/secrets.ts'
import type { RunTask } from './foreign/thread.ts'

/** Keys that are mixed into every hash and kept apart from the database. A `KeyRing` is one; it rotates. */
export interface Pepper {
  readonly current: string
  subkey(purpose: string, keyId: string): Buffer | undefined
}

/** What is told about each computation, so that tests can count that known and unknown accounts cost the same. */
export interface Work extends Argon2Parameters {
  readonly algorithm: string
}

export interface PasswordSetting {
  readonly engine: Argon2Engine
  readonly parameters: Argon2Parameters
  readonly pepper?: Pepper | undefined
  /** What other systems kept outside of their databases. */
  readonly imported: ImportedSecrets
  /** Where computations run that Node has no native code for. */
  readonly runTask: RunTask
  /** Whether `bcryptjs` is installed. */
  readonly bcrypt: boolean
  onWork(work: Work): void
}

/** A stored hash that was read and whose cost was found bounded. */
export interface StoredPassword {
  /** Whether a new hash would be made in the same way; if not, it is to be made again at the next sign-in. */
  readonly current: boolean
  matches(password: Uint8Array): Promise<boolean>
  /** How another system made it. Without one it is our own. */
  readonly recipe?: Recipe
}

/** How another system makes a digest of a password, with the salt and the cost of one stored hash. */
export interface Recipe {
  /** Format and cost, for people: `pbkdf2-sha256 260000`. */
  readonly scheme: string
  /** Whether a stolen database of these is quick to guess. */
  readonly weak: boolean
  /** What the right password gives. */
  readonly digest: Uint8Array
  /** The stored text with the digest written over: salt and cost, and nothing to compare with. */
  readonly blank: string
  /** What this password gives; two where the text does not say which of two ways it was made. */
  digests(password: Uint8Array): Promise<readonly Uint8Array[]>
}

/** One format of another system. */
export interface ForeignFormat {
  readonly name: string
  /** Whether the text is of this format at all. Cheap. */
  claims(stored: string): boolean
  /** Cheap and bounded; `undefined` for anything malformed, too costly, or whose secret was not given. */
  read(stored: string, setting: PasswordSetting): Recipe | undefined
}

/** A format that can be verified. */
export interface PasswordFormat {
  /** The identifier in the stored text, `$id$…` (PHC string format). */
  readonly id: string
  /** Reads a stored hash. Cheap and bounded; `undefined` for anything malformed, too costly, or of an unknown pepper. */
  read(stored: string, setting: PasswordSetting): StoredPassword | undefined
}

/** The format in which new hashes are made. */
export interface PasswordAlgorithm extends PasswordFormat {
  /** A new hash, with a fresh salt. */
  hash(password: Uint8Array, setting: PasswordSetting): Promise<string>
  /** The work of looking at a hash of today, where there is none to look at. */
  workForNothing(password: Uint8Array, setting: PasswordSetting): Promise<void>
}
