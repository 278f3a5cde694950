/** The words of recovery: what there is for people who forgot, lost or locked something. */
import type { Busy } from '../busy.ts'
import type { Secret } from '../../crypto/secret.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { PasswordSet } from '../credential-types.ts'
import type { Actor, Origin, SignIn } from '../types.ts'

/** What came of asking for a letter: the same whether there is such an account or not. `retryAfter`: whole seconds. */
export type RecoveryAsked =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'throttled'; readonly retryAfter: number }

/** What came of choosing a password without a session. `expired`: whatever allowed it is over. */
export type PasswordChosen =
  | Extract<PasswordSet, { ok: true }>
  | {
      readonly ok: false
      readonly reason: Exclude<Extract<PasswordSet, { ok: false }>['reason'], 'unknown-user' | 'service-account'>
    }
  | { readonly ok: false; readonly reason: 'expired' }
  | Busy

/** Whose password it is, for the form that asks for the new one. */
export interface Choosing {
  readonly login: string
  /** The fewest characters it needs. */
  readonly shortest: number
}

/** A new password by the link of a letter. Nobody gets a session by it. */
export interface RecoveryDoor {
  /** Writes the letter, if `who` is the login or the verified address of somebody who may sign in. `life`: milliseconds. */
  ask(input: { readonly who: string; readonly life: number }, from: Origin): Promise<RecoveryAsked>
  /** Whose link it is, without using it up. */
  read(token: string): Promise<Choosing | undefined>
  /** Sets the password, and ends sessions, links and whatever else the old one opened. */
  set(input: { readonly token: string; readonly password: Secret }, from: Origin): Promise<PasswordChosen>
}

/** A new password in place of one that was right and lets nobody in any more. */
export interface NewPasswordDoor {
  /** Whose it is, while it waits. */
  read(pending: string): Promise<Choosing | undefined>
  set(input: { readonly pending: string; readonly password: Secret }, from: Origin): Promise<PasswordChosen>
}

/** The session of an application on Flask that is being moved from. */
export interface FlaskSessionDoor {
  /** `cookie`: the hash of its whole text, which was verified. `life`: for how many milliseconds it could be used again. */
  signIn(
    input: {
      readonly login: string
      readonly cookie: string
      readonly life: number
      readonly replaces?: string | undefined
    },
    from: Origin,
  ): Promise<SignIn>
}

/** The end of a lock by the link of a letter, which goes out when too many passwords were wrong. */
export interface UnlockDoor {
  read(token: string): Promise<boolean>
  /** Forgets the failures of this account. `knownDevice` is for the browser: its failures count apart from now on. */
  unlock(
    input: { readonly token: string },
    from: Origin,
  ): Promise<{ readonly ok: true; readonly knownDevice: Secret } | { readonly ok: false }>
}

/** The way without second factor and recovery codes: it takes days, the owner is told every day, and anybody who is them can stop it. */
export interface LostFactorDoor {
  /** `pending`: a sign-in that waits for the factor. `delay`: milliseconds. `no-address`: nobody could be told. */
  ask(
    input: { readonly pending: string; readonly delay: number },
    from: Origin,
  ): Promise<
    | { readonly ok: true; readonly dueAt: number }
    | { readonly ok: false; readonly reason: 'expired' }
    | { readonly ok: false; readonly reason: 'no-address' }
    | { readonly ok: false; readonly reason: 'throttled'; readonly retryAfter: number }
  >
  /** Whether the link is good, without using it up. */
  read(purpose: 'cancel-recovery' | 'remove-factors', token: string): Promise<boolean>
  cancel(input: { readonly token: string }, from: Origin): Promise<boolean>
  /** Removes the second factor, ends all sessions; the password alone is then asked for, and is worth level 1. */
  remove(input: { readonly token: string }, from: Origin): Promise<boolean>
}

/** A delayed recovery that somebody asked for. */
export interface DelayedRecovery {
  readonly askedAt: number
  readonly dueAt: number
  /** Whether the link that removes the second factor was sent. */
  readonly ready: boolean
}

/** Delayed recoveries, for the person, an operator, and the clock. */
export interface Recoveries {
  of(userId: string): Promise<DelayedRecovery | undefined>
  /** For who has a living session, or an operator; whether there was one. */
  cancel(userId: string, actor: Actor, x?: Exchange): Promise<boolean>
  /** Writes the letters that are due; returns how many. */
  sweep(now: number): Promise<number>
}
