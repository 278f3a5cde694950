/** What doors hand to the gate, and what it answers. */
import type { Tell } from '../engine/act.ts'
import type { FactorCredential } from './factors/index.ts'
import type { AccountsTransaction, UserRow } from './schema.ts'
import type { Attempt } from './throttle/throttle.ts'
import type { NewSession, Origin, Proof, Withheld } from './types.ts'

/** A proof as a door hands it in. */
export interface GivenProof extends Proof {
  /**
   * The credential it was checked against. A password that was replaced in the meantime proves nothing (attack A95); a code is
   * used up here, in the transaction that issues the session, so that it can open one only.
   */
  readonly credential?:
    | { readonly kind: 'password'; readonly version: number }
    /** An address of mail that was read; it must still be the verified one. */
    | { readonly kind: 'mailbox'; readonly address: string }
    /** Of another provider: it counts while it is linked to this user. */
    | { readonly kind: 'identity'; readonly issuer: string; readonly subject: string; readonly sid?: string | undefined }
    | FactorCredential
    | { readonly kind: 'remember'; readonly hash: string }
}

/** One way through: who, from where, and the leave of the throttle, without which nobody comes here. */
export interface Flow {
  readonly userId: string
  readonly from: Origin
  readonly attempt: Attempt
  /** How long the session lives at most, in milliseconds. @default as long as all do */
  readonly life?: number
}

/** Through, or not; why not stands in the events alone. */
export type Passed = ({ readonly ok: true } & NewSession) | { readonly ok: false; readonly reason: 'denied' } | Withheld

/** What a door found of somebody, in the query that it makes for whoever it is asked about. */
export interface Knocking {
  readonly status: UserRow['status']
  /** Their id, while the account is being deleted and they may still keep it; else NULL. */
  readonly leaving: string | null
}

/** The gate that all doors share. */
export interface Gate {
  /** Whether somebody with this status may come in at all. Doors ask before they come, so that a refusal costs the same everywhere. */
  admits(status: UserRow['status']): boolean
  /** The same for doors whose proof was right, and shows all that the owner has: also an account that its owner may still keep. */
  opensFor(user: Knocking): boolean
  /**
   * Issues a session for these proofs together, asks for a second factor, or says no and counts the failure.
   * `replaces`: the token that the browser held before; it is ended (A91), also when a second factor is still to come (L24).
   */
  complete(
    flow: Flow & {
      readonly replaces?: string | undefined
      /** Uses up what opens this door once, a link or a code of a letter, also when a second factor is still to come. `false`: it was used. */
      readonly spend?: (tx: AccountsTransaction, tell: Tell) => Promise<boolean>
    },
    proofs: readonly GivenProof[],
  ): Promise<Passed>
  /** Adds a proof to a living session of the same user, and replaces its token. Who has a second factor proves with that one. */
  strengthen(flow: Flow & { readonly token: string }, proof: GivenProof): Promise<Passed>
}
