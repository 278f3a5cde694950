/** The words of access tokens: how an app, on a phone or in a page, acts for somebody who signed in with it. */
import type { PublicJwk, SigningAlgorithm } from '../../crypto/signing-key.ts'
import type { Secret } from '../../crypto/secret.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { Principal } from '../../engine/facts.ts'
import type { MaybePromise } from '../../store/database.ts'
import type { Actor, Origin } from '../types.ts'

/** Facts of the application's own in an access token. None may have a name that the token needs for itself (L58). */
export type CustomClaims = (principal: Principal) => Readonly<Record<string, unknown>>

/** How tokens are made. Times in milliseconds. */
export interface TokenSetting {
  /** `iss`: the origin. */
  readonly issuer: string
  /** `aud`: the first is this application, the only one whose tokens it takes; apps may ask for tokens for the others. */
  readonly audiences: readonly string[]
  readonly algorithm: SigningAlgorithm
  /** Of an access token. */
  readonly life: number
  /** An app that asks for no new token for so long is signed out. */
  readonly idle: number
  /** It is signed out after so long in any case. */
  readonly absolute: number
  /** How long one key signs. */
  readonly rotate: number
  readonly claims?: CustomClaims | undefined
}

/** An app that is signed in for somebody: one family of refresh tokens. */
export interface App {
  /** Public; `sid` of its access tokens. */
  readonly id: string
  readonly userId: string
  /** What it calls itself: `Notes on Ada's phone`. */
  readonly client: string
  readonly audience: string
  /** The tenant it acts in, and in no other. `undefined`: it acts in none. */
  readonly tenant: string | undefined
  /** Permissions; `*` is everything the user may. */
  readonly scopes: readonly string[]
  readonly createdAt: number
  /** When it last got a new access token. */
  readonly seenAt: number
  readonly expiresAt: number
  readonly aal: number
  readonly address: string
  readonly userAgent: string
}

/** Both tokens, for the eyes of the app. */
export interface IssuedTokens {
  readonly ok: true
  readonly app: App
  readonly accessToken: Secret
  /** Whole seconds. */
  readonly expiresIn: number
  readonly refreshToken: Secret
}

/** What an app asks to be. */
export interface NewApp {
  /** Token of the session it takes the proofs of. */
  readonly session: string
  /** Whether that session lives on. @default false */
  readonly keep?: boolean
  /** 1 to 80 characters, for people. */
  readonly client: string
  /** @default ['*'] */
  readonly scopes?: readonly string[] | undefined
  /** @default the first */
  readonly audience?: string | undefined
  /** Id of a tenant that the user belongs to: the app acts in it alone, and may nothing outside it. @default it acts in no tenant */
  readonly tenant?: string | undefined
}

export type AppProblem = 'client-invalid' | 'scope-invalid' | 'scope-not-held' | 'audience-unknown' | 'unknown-tenant'

/** `denied`: the session does not live, or is no person's. */
export type AppBegun = IssuedTokens | { readonly ok: false; readonly reason: 'denied' | AppProblem }

/** Why not is for the log; an app learns only that it has to sign in again. */
export type Refreshed =
  | IssuedTokens
  | { readonly ok: false; readonly reason: 'malformed' | 'unknown' | 'reused' | 'ended' | 'expired' | 'user-disabled' }

/** What a text turned out to be. */
export type AccessTokenFound =
  | { readonly ok: true; readonly app: Pick<App, 'id' | 'client'>; readonly principal: Principal; readonly expiresAt: number }
  | {
      readonly ok: false
      readonly reason:
        | 'malformed'
        | 'unknown-key'
        | 'forged'
        | 'expired'
        | 'not-yet'
        | 'wrong-type'
        | 'wrong-issuer'
        | 'wrong-audience'
        | 'ended'
        | 'outdated'
        | 'user-disabled'
    }

/** A key as it is listed: no half of it. */
export interface ListedSigningKey {
  readonly id: string
  readonly algorithm: string
  readonly state: 'previous' | 'current' | 'next'
  /** From when it signs. */
  readonly activeAt: number
}

/** Access tokens, the refresh tokens that renew them, and the keys that sign them. */
export interface AccessTokens {
  /** Signs an app in with the proofs of a session that the gate has issued. */
  begin(input: NewApp, from: Origin): Promise<AppBegun>
  /** A new pair for a refresh token, which is used up. The direct predecessor gets the same pair again for a few seconds. */
  refresh(text: string, from: Origin): Promise<Refreshed>
  /** Ends the app that a refresh or an access token is of; whether one ended. Rejects when the store fails (CVE-2020-15223). */
  revoke(text: string, x?: Exchange): Promise<boolean>
  /** The hot path: signature, claims, and one look whether app and user still hold. */
  admit(text: string, now: number): MaybePromise<AccessTokenFound>
  /** The living ones, the latest used first. */
  list(userId: string, now: number): Promise<readonly App[]>
  /** Ends one app of a user, by its public id. */
  end(userId: string, appId: string, actor: Actor, x?: Exchange): Promise<boolean>
  /** The public keys: of now, of before and of next. */
  published(now: number): Promise<readonly PublicJwk[]>
  signingKeys(now: number): Promise<readonly ListedSigningKey[]>
  /**
   * The next key, which is published already, signs from now on. `revoke`: what older keys signed is void at once. `undefined` when
   * there is no next key, or another process was first.
   */
  rotateKey(actor: Actor, options?: { readonly revoke?: boolean }): Promise<ListedSigningKey | undefined>
  /** Deletes what ended long ago, and makes the next signing key in time where there is one; returns how much was deleted. */
  sweep(now: number): Promise<number>
}
