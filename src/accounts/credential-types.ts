/** The words of credentials: what may be set, what is refused and why, and the one place that sets it. */
import type { StrengthScore } from '../crypto/password/strength.ts'
import type { Secret } from '../crypto/secret.ts'
import type { Exchange } from '../engine/exchange.ts'
import type { Actor } from './types.ts'

/** Why a password may not be chosen. */
export type CredentialProblem =
  | 'too-short'
  | 'too-long'
  | 'common'
  | 'contextual'
  | 'control-characters'
  /** It is in a collection of leaked passwords. */
  | 'leaked'
  /** The service that knows leaked passwords did not answer, and nothing is set without it. */
  | 'unchecked'

/** Why there will be no such user; found before anything is written. */
export type DraftProblem =
  | 'login-invalid'
  | 'name-invalid'
  | 'address-invalid'
  | 'role-unknown'
  | 'hash-unreadable'
  | CredentialProblem

/** What came of setting a password. `used-before`: one of those that may not be chosen again. */
export type PasswordSet =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'unknown-user' | 'service-account' | 'used-before' | CredentialProblem }

/** The only place that sets a credential. */
export interface Credentials {
  setPassword(
    userId: string,
    password: Secret,
    actor: Actor,
    options?: { readonly keepSession?: string; readonly exchange?: Exchange | undefined },
  ): Promise<PasswordSet>
  /** How strong a password would be, 0 to 4: for a hint, and never for a refusal. Absent where nobody can say. */
  readonly strength?: ((password: Secret, about: { readonly login: string; readonly name: string }) => StrengthScore) | undefined
  /** The fewest characters of a password of this user: 15, or 8 where there is a second factor. */
  shortest(userId: string): Promise<number>
  /**
   * Puts Argon2id over every hash that another system made, at once; returns how many, and how many could not be read. One that its user
   * replaces meanwhile stays replaced. `progress` gets the number of those done.
   */
  wrapImported(
    actor: Actor,
    progress?: (done: number) => void,
  ): Promise<{ readonly wrapped: number; readonly unreadable: number }>
  /** Looks whether there are imported hashes: while there are, every sign-in costs as much as one with an imported hash. */
  levelWork(): Promise<void>
}
