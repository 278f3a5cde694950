/** The words of accounts: who may be whom. No HTTP here; controls and doors of the web translate. */
import type { Breaker } from './throttle/breaker.ts'
import type { Credentials } from './credential-types.ts'
import type { Exchange } from '../engine/exchange.ts'
import { slot } from '../engine/exchange.ts'
import type { Principal } from '../engine/facts.ts'
import type { Secret } from '../crypto/secret.ts'
import type { MaybePromise } from '../store/database.ts'
import type { Links } from './mail/links.ts'
import type { FactorKind } from './factors/factor.ts'
import type { PasskeyDoor, Passkeys } from './passkeys/types.ts'
import type { FlaskSessionDoor, LostFactorDoor, NewPasswordDoor, Recoveries, RecoveryDoor, UnlockDoor } from './recovery/types.ts'

export type { FactorKind } from './factors/factor.ts'
import type { Factors, SecondFactorDoor } from './factors/types.ts'

export type * from './factors/types.ts'
import type { Identities, ProviderDoor } from './identities/types.ts'
import type { ApiKeys } from './tokens/types.ts'
import type { AccessTokens } from './tokens/app-types.ts'
import type { InvitationDoor, Invitations, SignUpDoor, SignUpPolicy, VerifyAddressDoor } from './newcomers/types.ts'

export type { CredentialProblem, Credentials, DraftProblem, PasswordSet } from './credential-types.ts'

import type { EmailCodeDoor, MagicLinkDoor, MailFactor } from './mail/door-types.ts'
import type { SetUp, Users } from './users/types.ts'

export type * from './passkeys/types.ts'
export type * from './identities/types.ts'
import type { ProviderLogouts } from './identities/logouts.ts'
export type * from './tokens/types.ts'
export type * from './tokens/app-types.ts'
export type * from './newcomers/types.ts'
export type * from './recovery/types.ts'
export type * from './profile/types.ts'

import type { DeviceKeys } from './throttle/device-keys.ts'
import type { Emergency } from './emergency.ts'
export type * from './mail/door-types.ts'
import type { ChangeAddressDoor, Deletions, Notices, NotMeDoor } from './profile/types.ts'
import type { Browsers, RememberDoor } from './browsers/types.ts'

export type * from './browsers/types.ts'

import type { Tenants } from './tenants/types.ts'

export type * from './tenants/types.ts'

import type { Impersonations } from './impersonation/types.ts'

export type * from './impersonation/types.ts'

import type { BreakGlass, BreakGlassDoor } from './break-glass/types.ts'

export type * from './break-glass/types.ts'

import type { ApprovalGate, Approvals } from './approvals/types.ts'

export type * from './approvals/types.ts'
export type { ConcurrentPolicy } from './sessions/concurrent.ts'

export type * from './users/types.ts'

/** Who acts: the server itself under a name (`cli`, `set-up`), or a signed-in user. Stands in the log. */
export interface Actor {
  readonly kind: 'system' | 'user'
  readonly id: string
}

/** One way in, as a session remembers it. */
export interface Proof {
  /** The door's name: `password`. */
  readonly door: string
  /** RFC 8176: `pwd`. */
  readonly amr: string
  readonly at: number
}

/** A session as it is listed; its id is the public one, not what the cookie holds. */
export interface Session {
  /** Public handle (derived from the hash of its first token, the same after a rotation); safe to show and to name in a form. */
  readonly id: string
  readonly userId: string
  readonly createdAt: number
  readonly seenAt: number
  /** The absolute end. */
  readonly expiresAt: number
  /** When it ends unless it is used again. */
  readonly idleAt: number
  readonly aal: number
  readonly proofs: readonly Proof[]
  readonly address: string
  readonly userAgent: string
  /** Counts writes of `data`: a write names the version it read, so that a slow request cannot undo a later one. */
  readonly version: number
  /** The application's own, JSON, at most 4 KiB. */
  readonly data: Readonly<Record<string, unknown>>
}

/** A session that holds now, and whose it is. */
export interface LiveSession {
  readonly session: Session
  readonly principal: Principal
  /** When it was bound to a device; absent when it was not. */
  readonly boundAt?: number
}

/**
 * What a token turned out to be. The reason is for events; a client learns only that it is not signed in. `rotated`: replaced a
 * moment ago, so its browser has the next one, or soon will; later it is `ended`.
 */
export type SessionFound =
  /**
   * `rotate`: the user's privileges changed since the token was issued; give it a new one (`rotate`). `over`: it acted as somebody
   * else, and does so no more: `principal` is its own user again, and what it asks for was meant as the other.
   */
  | ({ readonly ok: true; readonly rotate?: boolean; readonly over?: true } & LiveSession)
  | { readonly ok: false; readonly reason: 'malformed' | 'unknown' | 'expired' | 'rotated' | 'ended' | 'user-disabled' }

/** From where somebody asks. */
export interface Origin {
  readonly address: string
  /** Limiter key of the address: IPv4 or IPv6 /64. */
  readonly network: string
  /** The wider IPv6 network, /48. @default what the exchange's client says */
  readonly site?: string | undefined
  readonly userAgent: string
  /** What the browser holds as a trusted device, if it does; see `browsers/`. */
  readonly device?: string | undefined
  /** What it holds as one in which somebody signed in before; see `known-devices.ts`. */
  readonly knownDevice?: string | undefined
  /** The request, for events. */
  readonly exchange?: Exchange | undefined
}

/** A session with its token, which exists here and in the cookie and nowhere else. */
export interface NewSession extends LiveSession {
  /** 256 bits, base64url: goes into the cookie and nowhere else. */
  readonly token: Secret
  /** The next token of the browser that remembers, where this session was opened by one. For a cookie of its own. */
  readonly remember?: Secret
}

/** What a door answers. */
export type SignIn =
  | ({ readonly ok: true } & NewSession)
  /** `denied` looks the same whatever was wrong. `throttled`: too many failures. `busy`: too much hashing at once. `retryAfter`: whole seconds. */
  | { readonly ok: false; readonly reason: 'denied' }
  | { readonly ok: false; readonly reason: 'throttled' | 'busy'; readonly retryAfter: number }
  | Withheld

/** Everything was right, and there is no session, or none yet. Said to nobody who has not proved who they are. */
export type Withheld =
  /** Everything was right, and this user is signed in at as many places (`max`) as they may be. */
  | { readonly ok: false; readonly reason: 'too-many-sessions'; readonly max: number }
  /** Everything was right, and the account is to be deleted at `dueAt`: there is no session, and `page` is where its owner can keep it. */
  | { readonly ok: false; readonly reason: 'leaving'; readonly dueAt: number; readonly page: Secret }
  /**
   * The password was right and this user has a second factor: there is no session yet. `pending`, 256 bits, goes into a cookie of
   * its own and is good for five minutes at the door of the second factor alone; it is absent where there is a session already.
   * With `newPassword` nothing is missing but another password, which the door of that name takes.
   */
  | {
      readonly ok: false
      readonly reason: 'second-factor'
      readonly kinds: readonly FactorKind[]
      readonly pending?: Secret
      readonly newPassword?: true
    }

/** Sessions: how long they last is configured, when they end stands in `fan-out.ts`. */
export interface Sessions {
  /** The hot path: one prepared statement. Synchronous on an embedded store. Extends the idle time at most once a minute. */
  find(token: string, now: number): MaybePromise<SessionFound>
  /** A new token for the same session; the old one is dead at once. */
  rotate(token: string, now: number): Promise<NewSession | undefined>
  /** Writes `data` if the session lives and its version is still `version`. */
  write(token: string, version: number, data: Record<string, unknown>, now: number): Promise<boolean>
  list(userId: string, now: number): Promise<readonly Session[]>
  /** Ends one session of a user, by its public id. */
  end(userId: string, sessionId: string, actor: Actor, x?: Exchange): Promise<boolean>
  endByToken(token: string, x?: Exchange): Promise<boolean>
  /** Ends all of a user's sessions but one; returns how many. */
  endAll(
    userId: string,
    actor: Actor,
    options?: { readonly except?: string; readonly exchange?: Exchange | undefined },
  ): Promise<number>
  /** Deletes what ended long ago; returns how many. */
  sweep(now: number): Promise<number>
}

/** The door of login and password. Never rejects for what a client sent. */
export interface PasswordDoor {
  /** `replaces`: the token of the session that the browser had before; it is ended (fixation). */
  signIn(
    input: { readonly login: string; readonly password: Secret; readonly replaces?: string | undefined },
    from: Origin,
  ): Promise<SignIn>
  /** Proves again who a signed-in user is; the session gets a new token. */
  proveAgain(input: { readonly token: string; readonly password: Secret }, from: Origin): Promise<SignIn>
}

/** Everything a door, a control, the command or the console may ask of accounts. */
export interface Accounts {
  readonly users: Users
  readonly credentials: Credentials
  readonly sessions: Sessions
  readonly apiKeys: ApiKeys
  readonly tokens: AccessTokens
  readonly setUp: SetUp
  readonly factors: Factors
  readonly passkeys: Passkeys
  /** Codes in letters as a second factor. */
  readonly mailFactor: MailFactor
  readonly doors: {
    readonly password: PasswordDoor
    readonly secondFactor: SecondFactorDoor
    readonly magicLink: MagicLinkDoor
    readonly emailCode: EmailCodeDoor
    readonly passkey: PasskeyDoor
    readonly newPassword: NewPasswordDoor
    readonly recovery: RecoveryDoor
    readonly lostFactor: LostFactorDoor
    readonly unlock: UnlockDoor
    readonly flaskSession: FlaskSessionDoor
    readonly signUp: SignUpDoor
    readonly invitation: InvitationDoor
    readonly verifyAddress: VerifyAddressDoor
    readonly remember: RememberDoor
    readonly provider: ProviderDoor
    readonly changeAddress: ChangeAddressDoor
    readonly notMe: NotMeDoor
    readonly breakGlass: BreakGlassDoor
  }
  readonly invitations: Invitations
  /** Organisations, and who belongs to them. */
  readonly tenants: Tenants
  /** Acting as one of the users. */
  readonly impersonation: Impersonations
  /** The sealed account. */
  readonly breakGlass: BreakGlass
  /** What a second person has to approve. */
  readonly approvals: Approvals
  /** How acts of other parts use an approval up, in their own transaction. */
  readonly approved: ApprovalGate
  /** Delayed recoveries of lost second factors. */
  readonly recoveries: Recoveries
  /** Letters that tell owners what happened to their accounts. */
  readonly notices: Notices
  /** Accounts that their owners delete. */
  readonly deletions: Deletions
  /** Who may make an account for themselves. */
  readonly signUp: SignUpPolicy
  /** Whether letters are sent. */
  readonly sendsMail: boolean
  /** Browsers that remember somebody. */
  readonly browsers: Browsers
  /** Browsers in which somebody signed in before: their failures count apart. */
  readonly knownDevices: {
    /** Milliseconds for which one is known. */
    readonly life: number
    /** What the browser is to hold, in which this login was just signed in. */
    issue(login: string): Secret
    /** Whether this is what a browser holds in which this login was signed in. */
    knows(held: string | undefined, login: string): boolean
  }
  /** Whether sign-ins fail everywhere at this moment. */
  readonly breaker: Pick<Breaker, 'strain'>
  /** Keys of devices to which sessions are bound. */
  readonly deviceKeys: DeviceKeys
  /** What is done to accounts when something is wrong. */
  readonly emergency: Emergency
  /** What ends because a provider says that somebody signed out there. */
  readonly providerLogouts: ProviderLogouts
  /** Identities of other providers. */
  readonly identities: Identities
  /** Drops links that are void. */
  readonly links: Pick<Links, 'sweep'>
  /** Roles and what each permits, as configured. */
  readonly roles: Readonly<Record<string, readonly string[]>>
}

/** How controls find it: `setting.use(Accounts)`. */
export const Accounts = slot<Accounts>('accounts')
