/** The words of what people do to their own account: another address, taking things back, going away, seeing what is kept. */
import type { Busy } from '../busy.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { AskedFor } from '../approvals/kit.ts'
import type { Actor, Origin } from '../types.ts'

/** Letters that tell owners what happened. */
export interface Notices {
  /** Writes what was put down; returns how many letters. */
  sweep(now: number): Promise<number>
}

/** What came of asking for another address. Whether it is somebody's already is told to its owner alone. */
export type AddressAsked =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'invalid' | 'same' | 'denied' }
  | { readonly ok: false; readonly reason: 'throttled'; readonly retryAfter: number }

/** What came of the link of a letter. `taken`: the address is another account's, or its login is. */
export type AddressMoved =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly reason: 'void' | 'taken' }
  | Busy

/** The door of another address: nothing changes before its mail was read, and the one before can take it back. */
export interface ChangeAddressDoor {
  /** Writes to the new address, and to the verified one. The caller has asked for a recent proof. */
  ask(input: { readonly userId: string; readonly session: string; readonly address: string }, from: Origin): Promise<AddressAsked>
  /** The address that a link is about, while it is good: the next one of `change-address`, the one before of `undo-address`. */
  read(purpose: 'change-address' | 'undo-address', token: string): Promise<string | undefined>
  /** Makes the change. It signs nobody in. */
  confirm(token: string, from: Origin): Promise<AddressMoved>
  /** Takes a change back: all sessions end, the password is void, and other changes can no more be taken back. */
  undo(token: string, from: Origin): Promise<AddressMoved>
}

/** The door of "this was not me". It lets nobody in. */
export interface NotMeDoor {
  /** What the notice told, while the link is good. */
  read(token: string): Promise<string | undefined>
  /** Ends everything that is open, and makes the password void until it is recovered by mail. */
  act(token: string, from: Origin): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: 'void' } | Busy>
}

/** What came of asking for the end of one's account. `told`: whether a letter went out that takes it back. */
export type DeletionAsked =
  | { readonly ok: true; readonly dueAt: number; readonly told: boolean }
  | { readonly ok: false; readonly reason: 'last-administrator' | 'denied' }
  /** Nobody else who may sign in owns this tenant. */
  | { readonly ok: false; readonly reason: 'last-owner'; readonly tenant: string }

/** The deletion of one's own account. */
export interface Deletions {
  /** Shuts it at once, and deletes it after `grace` milliseconds. The caller has asked for a recent proof. */
  ask(userId: string, asked: { readonly grace: number; readonly from: Origin }): Promise<DeletionAsked>
  /** Deletes a user at once and for good; for operators. */
  remove(
    userId: string,
    actor: Actor,
    options?: AskedFor & { readonly exchange?: Exchange | undefined },
  ): Promise<
    | { readonly ok: true }
    | { readonly ok: false; readonly reason: 'unknown-user' | 'last-administrator' | 'approval-required' }
    | { readonly ok: false; readonly reason: 'last-owner'; readonly tenant: string }
  >
  /** Whether the link of the letter is good. */
  read(token: string): Promise<boolean>
  /** Takes it back by the link of the letter; whether it was good. It signs nobody in. */
  keep(token: string, from: Origin): Promise<boolean>
  /** Deletes what is due; returns how many. */
  sweep(now: number): Promise<number>
}
