/** The words of how people come to have an account: sign-up, invitations, and the proof that they read the mail of their address. */
import type { Secret } from '../../crypto/secret.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { MaybePromise } from '../../store/database.ts'
import type { CredentialProblem } from '../credential-types.ts'
import type { BroughtBack, Ceremony } from '../passkeys/types.ts'
import type { Actor, NewSession, Origin } from '../types.ts'

/** Who may make an account for themselves, and what it is like. */
export interface SignUpPolicy {
  /** `closed`: nobody. `invitation`: who was invited. `open`: everybody who shows that they read the mail of an address. */
  readonly mode: 'closed' | 'invitation' | 'open'
  /** Roles of those who were not invited. */
  readonly roles: readonly string[]
  /** What they sign in with: their address, or a name that they choose. */
  readonly login: 'address' | 'name'
}

/** `address-invalid` can be seen from the text alone; everything else is answered alike. */
export type Asked =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'closed' | 'address-invalid' }
  /** Too many from this network. `retryAfter`: whole seconds. */
  | { readonly ok: false; readonly reason: 'throttled'; readonly retryAfter: number }

/** What somebody gives who has the link. Address and roles are the link's, never theirs (L94). */
export interface NewAccount {
  /** What stands in the link. */
  readonly token: string
  /** Where people choose what they sign in with; nothing otherwise. */
  readonly login: string
  readonly name: string
  /** Or a passkey. */
  readonly password?: Secret
  /** What the browser made of `begin`, in place of a password. */
  readonly passkey?: BroughtBack
  /** The token of the session that the browser had before; it is ended (fixation). */
  readonly replaces?: string | undefined
}

/** The session, or why there is none. */
export type Entered =
  /** The recovery codes come with a passkey, and are never shown again. */
  | ({ readonly ok: true; readonly recoveryCodes?: readonly Secret[] | undefined } & NewSession)
  /** `void`: the link is over. `taken`: the address has an owner. `passkey-refused`: it is no answer to what was asked. */
  | {
      readonly ok: false
      readonly reason: 'void' | 'taken' | 'login-taken' | 'login-invalid' | 'name-invalid' | 'passkey-refused' | CredentialProblem
    }
  | { readonly ok: false; readonly reason: 'throttled' | 'busy'; readonly retryAfter: number }

/** The door of those who come by themselves. There is no user before they have shown that they read the mail (L41). */
export interface SignUpDoor {
  /** Writes one letter: with a link, or to the owner of the address. Nothing that can be seen or counted tells which (L76). */
  ask(address: string, from: Origin): Promise<Asked>
  /** Whose address the link of the letter verifies, while it is good. Uses nothing up: mail scanners follow links. */
  read(token: string): Promise<{ readonly address: string } | undefined>
  /** What the browser is asked for a passkey of the new account; `undefined` where the link is over, and while passkeys are off. */
  begin(token: string): Promise<Ceremony | undefined>
  /** Makes the account and signs in; of many with one link one wins. */
  complete(account: NewAccount, from: Origin): Promise<Entered>
}

/** An invitation that waits to be accepted. */
export interface Invitation {
  /** Public; from it no link follows. */
  readonly id: string
  readonly address: string
  readonly roles: readonly string[]
  /** The tenant to which it leads, and what they become there. */
  readonly tenant?: { readonly id: string; readonly roles: readonly string[] }
  /** What the inviter calls them; they may write another name. */
  readonly name: string | undefined
  /** `user:<id>`, `system:cli`. */
  readonly invitedBy: string
  readonly createdAt: number
  readonly expiresAt: number
}

export interface NewInvitation {
  readonly address: string
  readonly roles?: readonly string[] | undefined
  /** Makes them a member of this tenant. Who invites needs `tenant:members` there and not `users:invite`, and gives no role they lack. */
  readonly tenant?: { readonly id: string; readonly roles?: readonly string[] } | undefined
  readonly name?: string | undefined
  readonly invitedBy: Actor
  /** Whose approval is used, where giving these roles needs one. @default who invites */
  readonly asker?: Actor | undefined
}

/** `not-permitted`: who invites lacks `users:invite`, or is gone. `role-not-held`: nobody gives away what they do not have. */
export type Invited =
  | { readonly ok: true; readonly invitation: Invitation }
  | {
      readonly ok: false
      readonly reason:
        | 'closed'
        | 'no-mail'
        | 'address-invalid'
        | 'name-invalid'
        | 'role-unknown'
        | 'unknown-tenant'
        | 'not-permitted'
        | 'role-not-held'
        | 'approval-required'
        | 'too-many'
    }

/** Who was asked to come. */
export interface Invitations {
  /** Writes the letter. An earlier invitation of the same address is over. The inviter is not told whether the address has an account. */
  create(invitation: NewInvitation, x?: Exchange): Promise<Invited>
  /** Those that are good now, the newest first. */
  list(): Promise<readonly Invitation[]>
  /** Its link is dead at once. */
  revoke(id: string, actor: Actor, x?: Exchange): Promise<boolean>
}

/** An invitation, to who has its link. */
export interface InvitationShown {
  readonly address: string
  readonly name: string | undefined
  /** Display name of who invites; absent when the server did. */
  readonly inviter: string | undefined
  /** The address has a verified owner: they accept as who they are, and no second account is made (L96). */
  readonly owner: string | undefined
}

/** The door of those who were invited. */
export interface InvitationDoor {
  /** What the link shows, while it is good: not over, not revoked, and the inviter may still invite to it. Uses nothing up. */
  read(token: string): Promise<InvitationShown | undefined>
  /** Makes the account and signs in. */
  accept(account: NewAccount, from: Origin): Promise<Entered>
  /** Adds the roles to the account that owns the address, if that is who is signed in (`session`: the token). */
  join(
    input: { readonly token: string; readonly session: string },
    from: Origin,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: 'void' | 'not-owner' | 'denied' }>
}

/** The proof of an address that an account has already. It signs nobody in. */
export interface VerifyAddressDoor {
  /** The address of a user. Synchronous on an embedded store. */
  of(userId: string): MaybePromise<{ readonly address: string; readonly verified: boolean } | undefined>
  /** Sends the letter to the stored address. `none`: there is no address. `verified`: there is nothing to do. */
  ask(
    userId: string,
    from: Origin,
  ): Promise<
    | { readonly ok: true }
    | { readonly ok: false; readonly reason: 'none' | 'verified' }
    | { readonly ok: false; readonly reason: 'throttled'; readonly retryAfter: number }
  >
  /** What the link verifies: nothing any more when the account has another address by now (L28). */
  read(token: string): Promise<{ readonly address: string; readonly login: string } | undefined>
  /** `taken`: another account has verified it meanwhile. */
  confirm(
    token: string,
    from: Origin,
  ): Promise<{ readonly ok: true; readonly address: string } | { readonly ok: false; readonly reason: 'void' | 'taken' }>
}
