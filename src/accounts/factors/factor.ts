/** What every kind of second factor is: how a typed code is recognised, what it fits, and how it is used up. */
import type { KeyRing } from '../../crypto/keyring.ts'
import type { MailCodes } from '../mail/codes.ts'
import type { AccountsDatabase, AccountsTransaction } from '../schema.ts'

/** The credential that a code fits, as the gate uses it up. Nothing in it is a secret. */
export type FactorCredential =
  | { readonly kind: 'totp'; readonly version: number; readonly step: number }
  | { readonly kind: 'recovery-codes'; readonly hash: string }
  | { readonly kind: 'email'; readonly challenge: string }
  /** `enrolled`: the answer by which it was enrolled, which proves it was there. */
  | {
      readonly kind: 'passkey'
      readonly id: string
      readonly counter: number
      readonly backedUp: boolean
      readonly enrolled?: true
    }

export type FactorKind = FactorCredential['kind']

/** Where factors are kept, and the keys that seal them. */
export interface FactorSetting {
  readonly database: AccountsDatabase
  readonly keys: Pick<KeyRing, 'seal' | 'open'>
  readonly now: () => number
  /** Codes that were sent by mail. */
  readonly codes: MailCodes
}

/** Whose a code would be, and what was typed. */
export interface Typed {
  readonly userId: string
  /** As `read` gave it. */
  readonly code: string
  /** What it is asked for: the token of the sign-in that waits, or the id of the session. A code that was sent is good there alone. */
  readonly holder: string
}

/** One kind whose codes are typed. A new one is a file of this shape and a line in `index.ts`. */
export interface Factor {
  readonly kind: FactorKind
  /** RFC 8176; what it is worth stands in `proof-strength.ts`. */
  readonly amr: string
  /** What was typed as a code of this kind, or `undefined` when it cannot be one. No text is a code of two kinds. */
  read(typed: string): string | undefined
  /** What of this user's the code fits now. Uses nothing up. */
  match(setting: FactorSetting, typed: Typed): Promise<FactorCredential | undefined>
  /** Uses it up, in the transaction of what it is used for: of many at once one gets `true`. */
  spend(tx: AccountsTransaction, userId: string, credential: FactorCredential, now: number): Promise<boolean>
}

/** One that answers a challenge instead: nothing of it is typed, so nothing is read or matched. */
export type ChallengeFactor = Pick<Factor, 'kind' | 'spend'>
