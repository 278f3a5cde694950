/** The words of passkeys and security keys. No HTTP, and no word of the library that checks their answers. */
import type { Secret } from '../../crypto/secret.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { Actor, NewSession, Origin, SignIn } from '../types.ts'

/**
 * `passkey`: found by the authenticator itself, and unlocked by its owner, so it can be the only thing somebody signs in with.
 * `security-key`: a second step beside something else.
 */
export type PasskeyPurpose = 'passkey' | 'security-key'

/** One of a user's, as they may see it. */
export interface Passkey {
  /** Ours, for forms; the authenticator's own id is `credentialId`. */
  readonly id: string
  readonly name: string
  readonly purpose: PasskeyPurpose
  /** Whether its maker copies it to other devices, as passkeys of a telephone are. */
  readonly synced: boolean
  readonly createdAt: number
  readonly usedAt: number | undefined
  /** Public, base64url. */
  readonly credentialId: string
}

/** What goes to `navigator.credentials`, as JSON (WebAuthn Level 3, 5.1.8 and 5.1.9): `create` or `get` with this `publicKey`. */
export interface Ceremony {
  readonly publicKey: Readonly<Record<string, unknown>>
}

/** What a browser brought back, as it came (`PublicKeyCredential.toJSON()`): nothing of it is believed. */
export type BroughtBack = unknown

/** What came of an enrolment. The recovery codes are there when it is the user's first factor, and are never shown again. */
export type PasskeyEnrolment =
  | ({ readonly ok: true; readonly passkey: Passkey; readonly recoveryCodes: readonly Secret[] | undefined } & NewSession)
  /** `refused`: not an answer to what this session was asked, or one that cannot be taken. `full`: there are twenty already. */
  | { readonly ok: false; readonly reason: 'refused' | 'name-invalid' | 'full' | 'denied' }
  | { readonly ok: false; readonly reason: 'throttled'; readonly retryAfter: number }

/** `last-way-in`: nothing else would let this user in. */
export type PasskeyRemoval = { readonly ok: true } | { readonly ok: false; readonly reason: 'unknown-passkey' | 'last-way-in' }

/** What browsers are told, so that they forget passkeys that were removed (WebAuthn Level 3, 5.1.10). */
export interface AcceptedPasskeys {
  readonly rpId: string
  /** The user's handle, base64url. */
  readonly userId: string
  readonly allAcceptedCredentialIds: readonly string[]
}

/** Passkeys and security keys of users. Callers ask for a recent proof of who it is before whatever changes something. */
export interface Passkeys {
  /** Whether the application turned them on. Without it nothing is enrolled and nothing is accepted; what was enrolled still counts. */
  readonly on: boolean
  /** The oldest first. */
  list(userId: string): Promise<readonly Passkey[]>
  /** What the browser of this session is asked, once and within five minutes; `undefined` for a session that is over. */
  begin(input: { readonly token: string; readonly purpose: PasskeyPurpose }): Promise<Ceremony | undefined>
  /** Enrols what came back, ends the user's other sessions when it is the first factor, and adds the proof to this one. */
  confirm(
    input: { readonly token: string; readonly response: BroughtBack; readonly name?: string },
    from: Origin,
  ): Promise<PasskeyEnrolment>
  rename(userId: string, id: string, name: string): Promise<'renamed' | 'unknown-passkey' | 'name-invalid'>
  /** `keepSession`: the session it is done in. The last factor takes the recovery codes along. */
  remove(
    userId: string,
    id: string,
    actor: Actor,
    options?: { readonly keepSession?: string; readonly exchange?: Exchange },
  ): Promise<PasskeyRemoval>
  /** `undefined` without passkeys, and while they are off. */
  accepted(userId: string): Promise<AcceptedPasskeys | undefined>
}

/** The door of passkeys: nobody says who they are before. Never rejects for what a client sent. */
export interface PasskeyDoor {
  /**
   * What the browser is asked, once and within five minutes. `browser`, 256 bits, goes into a cookie of its own and has to come back
   * with the answer; the one that the browser has already is kept. `undefined` while passkeys are off.
   */
  begin(held: string | undefined): Promise<{ readonly browser: string; readonly ceremony: Ceremony } | undefined>
  /** `replaces`: the token of the session that the browser had before; it is ended (fixation). */
  signIn(
    input: { readonly browser: string; readonly response: BroughtBack; readonly replaces?: string | undefined },
    from: Origin,
  ): Promise<SignIn>
}

/** What somebody proves a second factor with: a code of any kind they have, or what their authenticator answered to `challenge`. */
export type SecondProof = { readonly code: string } | { readonly response: BroughtBack }
