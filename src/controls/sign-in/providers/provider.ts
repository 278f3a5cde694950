/** What a provider is: whom operators configured to say who somebody is (OpenID Connect, OAuth 2). Nobody adds one at run time (L53). */
import type { ProvedIdentity } from '../../../accounts/types.ts'
import type { Secret } from '../../../crypto/secret.ts'
import type { LogoutRead } from './logout-token.ts'
import type { Insecure } from '../../../engine/options.ts'

/** Algorithms of signatures by which an ID token may be signed: asymmetric ones alone, so that nothing public can be taken for a key (L97). */
export const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'] as const
export type IdTokenAlgorithm = (typeof ALGORITHMS)[number]

/** What may be said of every provider. */
export interface ProviderOptions {
  /** What the provider calls this application. */
  readonly clientId: string
  readonly clientSecret: Secret
  /** What its button says after "Continue with". @default the provider's name */
  readonly label?: string
  /** Whether somebody whom nobody here is linked to gets an account, or is turned away. @default 'closed' */
  readonly signUp?: 'closed' | 'open'
  /** Roles of the accounts that are made so. @default [] */
  readonly roles?: readonly string[]
  /** Whether an address that the provider calls verified is taken for verified here, for accounts that are made so. It links nothing. @default false */
  readonly trustsEmail?: boolean
  /** Which of the provider's words (`amr`, `acr`) stand for two factors, so that the second one here is not asked for. @default none: it always is */
  readonly secondFactor?: { readonly amr?: readonly string[]; readonly acr?: readonly string[] }
  /**
   * Whether signing out here goes on to the provider, to sign out there, too, where it announces `end_session_endpoint`. Register
   * `{origin}/login/with/{id}/signed-out` there as `post_logout_redirect_uri`. @default false
   */
  readonly signOutThere?: boolean
  /** Private networks that the provider may be in, as `'10.1.0.0/16'`. @default [] */
  readonly networks?: readonly string[]
  /** Certificates of authorities, PEM, by which the provider is trusted. @default those of Node */
  readonly ca?: string | readonly string[]
}

/** Where a provider is that has no discovery, and how it says who somebody is. */
export interface PlainOAuth {
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  /** Reads who it is. `get` asks with the access token and gives the JSON. `undefined`: the answers name nobody. */
  person(get: (url: string) => Promise<unknown>): Promise<Person | undefined>
}

/** Somebody, as a provider describes them. */
export interface Person {
  readonly subject: string
  readonly shown: string
  /** An address that the provider calls verified. */
  readonly email?: string | undefined
  readonly name?: string | undefined
}

/** A provider, as the functions of this folder make it. */
export interface Provider extends Required<Omit<ProviderOptions, 'clientSecret' | 'secondFactor' | 'ca'>> {
  /** Where it is described: `{issuer}/.well-known/openid-configuration`. Without discovery, the name under which its people are kept. */
  readonly issuer: string
  /** Made anew where it must be. `now`: milliseconds. */
  secret(now: number): Promise<Secret>
  readonly clientAuthentication: 'basic' | 'post'
  readonly scopes: readonly string[]
  readonly algorithm: IdTokenAlgorithm
  readonly responseMode: 'query' | 'form_post'
  readonly secondFactor: { readonly amr: readonly string[]; readonly acr: readonly string[] }
  /** Whether it can be asked to see the person again, and says when it did. */
  readonly provesAgain: boolean
  readonly ca: string | readonly string[] | undefined
  /** Lets it be on this machine, without TLS. */
  readonly insecureAllowLocal: Insecure | undefined
  /** Absent for OpenID Connect. */
  readonly oauth?: PlainOAuth
}

/** What a way to a provider and back is tied together by. None of it but the state ever leaves the server and the address of the provider. */
export interface Ties {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** Whether the provider must see the person now, whoever is signed in there. */
  readonly again: boolean
}

/** Why nothing came of it. `detail` is for the log, and is a code of ours. */
export interface ProviderFailure {
  readonly ok: false
  /** `unavailable`: no answer. `cancelled`: the person did not want to. `refused`: an answer that is not to be believed. */
  readonly reason: 'unavailable' | 'cancelled' | 'refused'
  readonly detail: string
}

/** `wayOut`: where the browser goes to sign out there, with everything but the state; absent where that is not wanted or not possible. */
export type Proved =
  | { readonly ok: true; readonly identity: Omit<ProvedIdentity, 'provider'>; readonly wayOut?: string | undefined }
  | ProviderFailure

/** Seconds: what says that somebody signed out longer ago is no news. */
export const LOGOUT_OLDEST = 600

/** Speaks to one provider. Never rejects for what the provider or a client says. */
export interface ProviderClient {
  /** Where to send the browser. */
  begin(ties: Ties): Promise<{ readonly ok: true; readonly url: string } | ProviderFailure>
  /** What came back with the browser, checked whole; then the code is changed for who it is. */
  finish(answer: URLSearchParams, ties: Ties): Promise<Proved>
  /** Checks what the provider sends when somebody signed out there; `unavailable`: its keys cannot be had. Absent where it sends no such thing. */
  readLogout?(token: string): Promise<LogoutRead>
}
