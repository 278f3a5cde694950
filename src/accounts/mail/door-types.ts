/** The words of signing in by mail. */
import type { Secret } from '../../crypto/secret.ts'
import type { FactorAsked } from '../factors/types.ts'
import type { NewSession, Origin, SignIn } from '../types.ts'

/**
 * What came of asking. It is the same whether anybody was written to: `browser`, 256 bits, goes into a cookie of the browser that asked,
 * and what is in the letter opens nothing without it.
 */
export type MailAsked =
  | { readonly ok: true; readonly browser: Secret }
  | { readonly ok: false; readonly reason: 'throttled'; readonly retryAfter: number }

/**
 * What a link is to this browser. `void`: used, too old, or never one. `elsewhere`: it was asked for in another browser, and opens
 * there alone.
 */
export type LinkState =
  | { readonly state: 'ready'; readonly next: string }
  | { readonly state: 'void' }
  | { readonly state: 'elsewhere' }

/** The door of the link in a letter. Never rejects for what a client sent. */
export interface MagicLinkDoor {
  /** `name`: a login or an address. `life`: milliseconds. `next`: a path, which the link hands back. */
  ask(input: { readonly name: string; readonly life: number; readonly next: string }, from: Origin): Promise<MailAsked>
  /** What a page shows before its button is pressed: uses nothing up, because mail scanners follow links. */
  look(token: string, browser: string | undefined): Promise<LinkState>
  signIn(
    input: { readonly token: string; readonly browser: string | undefined; readonly replaces?: string | undefined },
    from: Origin,
  ): Promise<SignIn | { readonly ok: false; readonly reason: 'elsewhere' }>
}

/** The door of the code in a letter. Never rejects for what a client sent. */
export interface EmailCodeDoor {
  /** `name`: a login or an address. */
  ask(input: { readonly name: string }, from: Origin): Promise<MailAsked>
  signIn(
    input: { readonly browser: string; readonly code: string; readonly replaces?: string | undefined },
    from: Origin,
  ): Promise<SignIn>
}

/** What came of asking for a code as the second factor. `unavailable`: it is none that would count here. */
export type FactorSent =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'unavailable' }
  | { readonly ok: false; readonly reason: 'throttled'; readonly retryAfter: number }

/** Codes in letters as a second factor: the weakest, for who has no other. */
export interface MailFactor {
  /** Sends a code, which the door of the second factor takes. */
  send(asked: FactorAsked, from: Origin): Promise<FactorSent>
  /**
   * Sends a code that proves the mailbox before it counts. `mail-alone`: this session was opened by mail, and a second look into the same
   * mailbox is no second step. `stronger`: there is a better factor. `no-address`: there is no verified address.
   */
  begin(token: string, from: Origin): Promise<MailFactorBegun>
  /** Takes the code of `begin`: the factor counts, other sessions end. Recovery codes come with the first factor, and are never shown again. */
  confirm(input: { readonly token: string; readonly code: string }, from: Origin): Promise<MailFactorEnrolled>
  /** Codes in letters count no more. `keepSession`: the session it is done in, which falls back to level 1. */
  remove(userId: string, options?: { readonly keepSession?: string; readonly from?: Origin }): Promise<boolean>
}

export type MailFactorBegun =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'denied' | 'mail-alone' | 'stronger' | 'no-address' }
  | { readonly ok: false; readonly reason: 'throttled'; readonly retryAfter: number }

export type MailFactorEnrolled =
  | ({ readonly ok: true; readonly recoveryCodes: readonly Secret[] | undefined } & NewSession)
  | { readonly ok: false; readonly reason: 'denied' | 'code' }
  | { readonly ok: false; readonly reason: 'throttled'; readonly retryAfter: number }
