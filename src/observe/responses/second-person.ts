/**
 * How a second person is asked for what one must not decide alone, and how their yes is used up: there is one such mechanism, and it belongs
 * to accounts. Whoever puts the application together hands it in. Source: NIST SP 800-53 AC-3(2), AC-5.
 */
import type { Transaction } from 'kysely'
import type { Tell } from '../../engine/act.ts'
import type { By } from './response.ts'

/** What exactly is to be done, as the second person reads it. */
export interface Question {
  readonly by: By
  /** `response:read-only`. */
  readonly act: string
  readonly params: Readonly<Record<string, string | number>>
}

/** A question that waits, or was answered with yes. */
export interface Asked {
  readonly id: string
  /** Whether somebody said yes, and it can be done now. */
  readonly given: boolean
  /** When the question is void, or the yes. */
  readonly until: number
}

/** `params`: they cannot be shown as they are. `nobody`: who asks is no active user. `too-many`: of theirs wait. */
export type NotAsked = 'params' | 'nobody' | 'too-many'

export interface SecondPerson {
  /** Whether the application wants two for this, though the response itself does not. */
  isMarked(act: string): boolean
  /** The same question again is the one that waits already. */
  ask(question: Question, reason: string): Promise<Asked | NotAsked>
  find(question: Question): Promise<Asked | undefined>
  /** Uses the yes up in the transaction of the response: of many at once one gets it. Who said it, or `undefined`: nobody did. */
  take(tx: Transaction<any>, tell: Tell, question: Question): Promise<string | undefined>
}
