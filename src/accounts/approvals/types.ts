/** The words of two-person approval: what somebody wants to do, and what somebody else says to it. */
import type { Tell } from '../../engine/act.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { Actor } from '../types.ts'
import type { AccountsTransaction } from '../schema.ts'

/** What the application marks, and for how long. */
export interface ApprovalPolicy {
  /** Acts that need a second person: `'payout'`, a group `'response:*'`. */
  readonly acts: readonly string[]
  /** Acts that may be asked for though nobody marked them: who does them says when they need a second person. @default none */
  readonly starred?: readonly string[]
  /** Milliseconds for which a question waits. */
  readonly life: number
  /** Milliseconds for which an approval can be used. */
  readonly use: number
}

/** What exactly is to be done: everything that matters of it, and no secret, because it is stored and shown. */
export type ApprovalParams = Readonly<Record<string, string | number | boolean>>

export type ApprovalState = 'asked' | 'given' | 'declined' | 'used' | 'expired'

/** One question, as those see it who may decide, and who asked. */
export interface Approval {
  readonly id: string
  readonly act: string
  readonly params: ApprovalParams
  /** As the log names them: `user:<id>`. */
  readonly askedBy: string
  readonly askedByName: string
  readonly reason: string
  readonly askedAt: number
  /** When the question is void, and, once it was approved, the approval. */
  readonly expiresAt: number
  readonly state: ApprovalState
  readonly decidedBy: string | undefined
  readonly decidedAt: number | undefined
  readonly note: string
}

/** `act`: it is not marked. `params`: they cannot be shown as they are. `nobody`: the asker is no active user. `too-many`: of theirs wait. */
export type ApprovalAsked =
  /** `state` is `given` where somebody said yes already. */
  | { readonly ok: true; readonly approval: Approval }
  | { readonly ok: false; readonly reason: 'act' | 'reason' | 'params' | 'nobody' | 'too-many' }

/**
 * Why somebody cannot decide. `unknown`: there is no such question that waits. `same-person`; `rights-given`: who asks gave them rights in
 * the last day; `not-permitted`: no permission, no session of their own, or acting as somebody else; `proof`: it is too old or too weak.
 */
export type DecisionProblem = 'unknown' | 'same-person' | 'rights-given' | 'not-permitted' | 'proof'
export type Decided =
  | { readonly ok: true; readonly approval: Approval }
  | { readonly ok: false; readonly reason: DecisionProblem }

/** Who decides: by their own session, or, at the command, under the name of the user that the operator says to be. */
export type Decider = { readonly session: string } | { readonly operator: string }

/** Of an approval that was used up. */
export interface UsedApproval {
  readonly id: string
  /** Who approved, as the log names them. */
  readonly approvedBy: string
}

export type Used = ({ readonly ok: true } & UsedApproval) | { readonly ok: false; readonly reason: 'approval-required' }

/** Two-person approval. What is marked is done once for each approval, by who asked, exactly as it was asked. */
export interface Approvals {
  readonly policy: ApprovalPolicy | undefined
  /** Whether this act is marked. */
  needsApproval(act: string): boolean
  /** Asks, and writes to those who may decide. The same question again is the one that waits already. */
  ask(actor: Actor, act: string, params: ApprovalParams, reason: string, x?: Exchange): Promise<ApprovalAsked>
  /** What became of the question of this actor about exactly this; `undefined` where none waits and none was approved. */
  find(actor: Actor, act: string, params: ApprovalParams): Promise<Approval | undefined>
  approve(id: string, by: Decider, note?: string, x?: Exchange): Promise<Decided>
  /** By who may decide, also after it was approved, and by who asked. */
  decline(id: string, by: Decider, note?: string, x?: Exchange): Promise<Decided>
  /** Uses the approval up that this actor has for exactly this. `id`: that one alone. Of many at once one gets it. */
  use(id: string | undefined, actor: Actor, act: string, params: ApprovalParams, x?: Exchange): Promise<Used>
  /** All of them, the latest first; `askedBy`: of one actor alone. */
  list(options?: { readonly askedBy?: string; readonly open?: boolean; readonly limit?: number }): Promise<readonly Approval[]>
  /** Tells of those that nobody used in time, and forgets old ones; returns how many ran out. */
  sweep(now: number): Promise<number>
}

/** Who wants to do exactly what. */
export interface ApprovedAct {
  readonly actor: Actor
  readonly act: string
  readonly params: ApprovalParams
}

/** How acts of the kit themselves use one up: in the transaction of the act, which tells it. */
export interface ApprovalGate extends Pick<Approvals, 'needsApproval'> {
  /** Nothing is needed, or it was used up; `undefined`: not approved. */
  spend(tx: AccountsTransaction, tell: Tell, wanted: ApprovedAct, x?: Exchange): Promise<UsedApproval | 'none' | undefined>
  /** The same where an act is marked for this once, by its own nature. */
  take(tx: AccountsTransaction, tell: Tell, wanted: ApprovedAct, x?: Exchange): Promise<UsedApproval | undefined>
}

/** What became of a question, and by whom. */
export interface ApprovalStep {
  readonly id: string
  readonly act: string
  readonly params: ApprovalParams
  readonly state: ApprovalState
  /** As the log names them; `undefined` where its time was over. */
  readonly by: string | undefined
  /** The reason of who asked, or the word of who decided. */
  readonly says: string
}

/** Keeps a record of its own of what becomes of questions, in the transaction in which it does: the timeline of an incident. */
export type ApprovalFollower = (tx: AccountsTransaction, step: ApprovalStep) => Promise<void>
