/** The words for people whom another provider names (OpenID Connect, OAuth 2). */
import type { Exchange } from '../../engine/exchange.ts'
import type { Actor, Origin, SignIn } from '../types.ts'

/**
 * Whom a provider named, after everything about its answer was checked. An identity is the pair of issuer and subject and nothing
 * else: names and addresses change hands (L42; CVE-2024-21632).
 */
export interface ProvedIdentity {
  /** Id of the provider in the options; for people and the log. */
  readonly provider: string
  readonly issuer: string
  /** Never empty (L43). */
  readonly subject: string
  /** What its owner knows it by at the provider: an address or a name. Proves nothing. */
  readonly shown: string
  /** Whether the provider saw a second factor, and the operator takes its word for it. */
  readonly strong: boolean
  /** The provider's id of its own session, where it says one. */
  readonly sid?: string | undefined
  /** An address that the provider verified, where the operator takes its word for it (L44). */
  readonly email?: string | undefined
  readonly name?: string | undefined
}

/** An identity that is linked to a user, as its owner sees it. */
export interface Identity {
  /** Public handle, for forms. */
  readonly id: string
  readonly provider: string
  readonly issuer: string
  readonly shown: string
  readonly linkedAt: number
  readonly usedAt: number | undefined
}

/** What came of linking. `taken`: it is linked to somebody else. */
export type Linked =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly reason: 'taken' | 'unknown-user' }

/** What came of unlinking. `last-way-in`: without it nobody could sign in as this user any more. */
export type Unlinked = { readonly ok: true } | { readonly ok: false; readonly reason: 'unknown' | 'last-way-in' }

/** Which identities are whose. Callers ask for a recent proof of who it is before they change something. */
export interface Identities {
  of(userId: string): Promise<readonly Identity[]>
  /** Links an identity that was proved in this moment. Never by address or name alone (L41, L103). */
  link(userId: string, identity: ProvedIdentity, actor: Actor, x?: Exchange): Promise<Linked>
  /** Takes it away, and ends the user's other sessions. `keepSession`: the one it is done in. */
  unlink(
    userId: string,
    id: string,
    actor: Actor,
    options?: { readonly keepSession?: string; readonly exchange?: Exchange },
  ): Promise<Unlinked>
}

/** Who may make an account by signing in with an identity that nobody has yet. */
export interface SignUpByProvider {
  readonly roles: readonly string[]
}

/** What the door of other providers answers. */
export type SignInByProvider =
  | SignIn
  | { readonly ok: false; readonly reason: 'unknown-identity' }
  | { readonly ok: false; readonly reason: 'address-taken' }

/** The door of other providers. What comes in here was proved by the one who calls it. Never rejects for what a client sent. */
export interface ProviderDoor {
  /**
   * `signUp`: absent where there is none. `unknown-identity`: nobody has it, and no account is made. `address-taken`: an account has its
   * name or address already; it is not linked to that, because an address proves nothing about an account here (L41).
   */
  signIn(
    input: {
      readonly identity: ProvedIdentity
      readonly signUp?: SignUpByProvider | undefined
      readonly replaces?: string | undefined
    },
    from: Origin,
  ): Promise<SignInByProvider>
  /** Proves again who is signed in, by an identity that is linked to this very user (L10). */
  proveAgain(input: { readonly token: string; readonly identity: ProvedIdentity }, from: Origin): Promise<SignIn>
}
