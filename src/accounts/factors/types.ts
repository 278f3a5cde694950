/** What second factors are asked, and what they answer. */
import type { Secret } from '../../crypto/secret.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { MaybePromise } from '../../store/database.ts'
import type { Ceremony, SecondProof } from '../passkeys/types.ts'
import type { Actor, NewSession, Origin, Session, SignIn } from '../types.ts'
import type { FactorKind } from './factor.ts'

/** What a user has enrolled. */
export interface EnrolledFactors {
  /** Empty without a second factor. */
  readonly kinds: readonly FactorKind[]
  /** Since when there is an authenticator app. */
  readonly totpSince: number | undefined
  readonly recoveryCodesLeft: number
}

/** A secret that was shown and does not count yet. */
export interface FactorDraft {
  /** Base 32, for typing. */
  readonly secret: Secret
  /** `otpauth://…`, for a QR code. */
  readonly uri: Secret
}

/** What came of an enrolment. The recovery codes are there when it is the user's first, and are never shown again. */
export type FactorEnrolment =
  | ({ readonly ok: true; readonly recoveryCodes: readonly Secret[] | undefined } & NewSession)
  /** `code`: not the code of the secret shown. `expired`: nothing was shown, or too long ago. */
  | { readonly ok: false; readonly reason: 'code' | 'expired' | 'denied' }
  | { readonly ok: false; readonly reason: 'throttled'; readonly retryAfter: number }

/** Second factors. Callers ask for a recent proof of who it is before each of them but `of` and `dueAt`. */
export interface Factors {
  of(userId: string): Promise<EnrolledFactors>
  /** A secret for this session to enrol, the same for a quarter of an hour, so that a page may be loaded twice. */
  begin(session: Session, shown: { readonly issuer: string; readonly login: string }): Promise<FactorDraft>
  /** Enrols the secret that `begin` showed, ends the user's other sessions, and adds the proof to this one. */
  confirm(input: { readonly token: string; readonly code: string }, from: Origin): Promise<FactorEnrolment>
  /** Ten new recovery codes in place of the old; `undefined` without a second factor. */
  renewCodes(userId: string, actor: Actor, x?: Exchange): Promise<readonly Secret[] | undefined>
  /** Removes the authenticator app; the last factor takes the recovery codes along. `keepSession`: the session it is done in, which falls back to level 1. */
  remove(
    userId: string,
    actor: Actor,
    options?: { readonly keepSession?: string; readonly exchange?: Exchange },
  ): Promise<boolean>
  /** Removes all factors, passkeys too, for somebody who lost them, and ends all sessions. `reason` stands in the log. */
  reset(userId: string, actor: Actor, reason: string): Promise<boolean>
  /** When a user who must have a second factor must have enrolled it: `grace` milliseconds after this was first asked. */
  dueAt(userId: string, grace: number, now: number): MaybePromise<number>
}

/** Whose second factor is asked for: who waits, or who is signed in. */
export type FactorAsked = { readonly pending: string } | { readonly token: string }

/** The door of the second factor: after the password, and to prove again who is signed in. Never rejects for what a client sent. */
export interface SecondFactorDoor {
  /** Whether a sign-in waits under this token. */
  waits(pending: string): Promise<boolean>
  /** What is asked of them: empty where nobody waits or is signed in. */
  kinds(asked: FactorAsked): Promise<readonly FactorKind[]>
  /** What their browser is asked for a passkey or security key; `undefined` where there is none, or nobody. */
  challenge(asked: FactorAsked): Promise<Ceremony | undefined>
  /** `expired`: no sign-in waits under this token any more, so it begins anew. */
  signIn(
    input: { readonly pending: string; readonly replaces?: string | undefined } & SecondProof,
    from: Origin,
  ): Promise<SignIn | { readonly ok: false; readonly reason: 'expired' }>
  /** Adds the proof to a living session of the same user; the session gets a new token. */
  proveAgain(input: { readonly token: string } & SecondProof, from: Origin): Promise<SignIn>
  /** Nobody waits any more. */
  cancel(pending: string): Promise<void>
}
