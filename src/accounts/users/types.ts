/** The words of users: what they are made of, who changes them, and the first administrator. */
import type { Secret } from '../../crypto/secret.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { AskedFor } from '../approvals/kit.ts'
import type { CredentialProblem, DraftProblem } from '../credential-types.ts'
import type { Actor, NewSession, Origin } from '../types.ts'

/** A user, without any credential. */
export interface User {
  readonly id: string
  /** What they sign in with, as they wrote it. */
  readonly login: string
  readonly name: string
  readonly roles: readonly string[]
  readonly status: 'active' | 'disabled'
  /** A service has API keys; nobody can sign in as it. */
  readonly kind: 'person' | 'service'
  readonly createdAt: number
  readonly lastSignInAt: number | undefined
  /** Where mail goes. For the user and for administrators: keep it out of what others may list. */
  readonly address: { readonly text: string; readonly verified: boolean } | undefined
}

/** What a user is made of. Without a password nobody can sign in as them yet. */
export interface NewUser {
  readonly login: string
  readonly name?: string
  readonly roles?: readonly string[]
  readonly password?: Secret
  /** From another system: its hash of the password, in place of `password`. Verified at sign-in, and then made again as ours. */
  readonly passwordHash?: string
  /** Whether they are kept out from the beginning. @default false */
  readonly disabled?: boolean
  /** Where mail goes. Mail signs in, recovers and warns only once it is verified. @default none */
  readonly address?: string
  /** Whether it is known that the user reads its mail; whoever says so answers for it. @default false */
  readonly addressVerified?: boolean
}

/** The user, or why there is none. */
export type Created =
  | { readonly ok: true; readonly user: User }
  | { readonly ok: false; readonly reason: 'login-taken' | 'address-taken' | 'approval-required' | DraftProblem }

/** Why somebody was not shut out. `tenant`: the name of the one that nobody else owns. */
export type StatusChange =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'unknown-user' | 'last-administrator' }
  | { readonly ok: false; readonly reason: 'last-owner'; readonly tenant: string }

/** The last active administrator can be neither disabled nor demoted. */
export interface Users {
  create(user: NewUser, actor: Actor, options?: AskedFor): Promise<Created>
  /** One for programs, which act by its API keys: no password, no way to sign in, and it counts for no administrator. */
  createService(
    user: Omit<NewUser, 'password' | 'passwordHash' | 'address' | 'addressVerified'>,
    actor: Actor,
    options?: AskedFor,
  ): Promise<Created>
  byId(id: string): Promise<User | undefined>
  byLogin(login: string): Promise<User | undefined>
  /** Whose verified address it is, in any spelling. An address that is not verified is nobody's. */
  byAddress(address: string): Promise<User | undefined>
  list(page?: { readonly limit?: number; readonly after?: string }): Promise<readonly User[]>
  count(): Promise<number>
  /** Not the last who administers, nor the last owner of a tenant who may sign in. */
  disable(
    id: string,
    actor: Actor,
    /** `orphanTenants`: also the last owner, because somebody else has the account. Said in the log. */
    options?: { readonly orphanTenants?: boolean | undefined },
  ): Promise<StatusChange>
  enable(id: string, actor: Actor): Promise<boolean>
  /** Forgets the failures of this user, of the password and of the second factor; whether there is such a user. */
  unlock(id: string, actor: Actor): Promise<boolean>
  /** Replaces the roles; sessions see it at their next request and rotate. */
  setRoles(
    id: string,
    roles: readonly string[],
    actor: Actor,
    options?: AskedFor,
  ): Promise<{
    readonly ok: boolean
    readonly reason?: 'unknown-user' | 'role-unknown' | 'last-administrator' | 'approval-required'
  }>
  /** Replaces the name that people read. */
  setName(
    id: string,
    name: string,
    actor: Actor,
    options?: { readonly exchange?: Exchange | undefined },
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: 'unknown-user' | 'name-invalid' }>
  /**
   * Sets the address in place of the one before; links that went there and other sessions end. It is for operators: `address-taken` says
   * that somebody has this address verified, and `verified` that it is known whose it is, without asking.
   */
  setAddress(
    id: string,
    address: string,
    actor: Actor,
    options?: { readonly verified?: boolean; readonly keepSession?: string; readonly exchange?: Exchange | undefined },
  ): Promise<
    | { readonly ok: true }
    | { readonly ok: false; readonly reason: 'unknown-user' | 'service-account' | 'address-invalid' | 'address-taken' }
  >
}

/** The first administrator, once. */
export interface SetUp {
  /** Whether there is no user yet. */
  open(): Promise<boolean>
  /** Makes a new one-time code (the old one is dead) for the operator's eyes; valid for an hour. `undefined` when a user exists. */
  code(): Promise<string | undefined>
  /** Exactly one winner, and the code is used up only when the administrator was made. */
  complete(
    input: {
      readonly code: string
      readonly login: string
      readonly name: string
      readonly password: Secret
      /** Not verified by this. */
      readonly address?: string | undefined
    },
    from: Origin,
  ): Promise<
    | ({ readonly ok: true } & NewSession)
    | {
        readonly ok: false
        readonly reason:
          | 'closed'
          | 'code'
          | 'throttled'
          | 'busy'
          | 'login-invalid'
          | 'name-invalid'
          | 'address-invalid'
          | CredentialProblem
        readonly retryAfter?: number
      }
  >
}
