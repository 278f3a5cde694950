/** The words of the service that applies responses. */
import type { Detected, Subject } from '../detected.ts'
import type { Applied } from './record.ts'
import type { By, Plan, Refused } from './response.ts'
import type { ResponseState } from './schema.ts'
import type { Asked, Question } from './second-person.ts'

/** What somebody asks for. */
export interface ResponseRequest {
  /** Name in the list: `block-client`. */
  readonly response: string
  /** Absent where it concerns everybody. */
  readonly subject?: Subject | undefined
  /** Why, in a sentence. */
  readonly reason: string
  readonly by: By
  /** Who asked the second person, where somebody acts for them. @default who acts */
  readonly asker?: By | undefined
  /** Id of the incident it belongs to. */
  readonly incident?: string | undefined
  /** Milliseconds for which it holds. @default the response's own */
  readonly lasts?: number | undefined
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** Why nobody else is asked, where a second person should be. It stands in the log as critical. */
  readonly insecureAlone?: string | undefined
}

/** The incident of this id, or the one that it went into; `undefined`: there is none. */
export type IncidentOf = (id: string) => Promise<string | undefined>

/** What it would do, for how long, and whether somebody else has to approve it. */
export interface Planned extends Plan {
  readonly response: string
  /** The incident in whose timeline it is told. */
  readonly incident: string | undefined
  readonly needsSecond: boolean
  /** What a second person is asked. */
  readonly question: Question
  /** Milliseconds; absent where it is done at once. */
  readonly lasts: number | undefined
  /** Why it could not be undone. */
  readonly final: string | undefined
}

/** `approval-required`: two decide this; ask first. `approval-pending`: it was asked, and nobody said yes yet. */
export type Outcome = { readonly ok: true; readonly applied: Applied } | Refused

/** The question that waits for a second person. Once they said yes, who asked applies the same. */
export type Asking = { readonly ok: true; readonly approval: Asked } | Refused

/** What came of one that a detection proposed. */
export interface AutomaticOutcome {
  readonly response: string
  readonly subject: Subject | undefined
  readonly outcome: Outcome
}

export interface ResponseQuery {
  readonly state?: ResponseState
  readonly incident?: string
  readonly subject?: Subject
  /** 1 to 500. @default 100 */
  readonly limit?: number
}

/** Responses: planned, asked for, applied, undone, expired. */
export interface Responses {
  /** Says what it would do. Changes nothing. */
  plan(request: ResponseRequest): Promise<Planned | Refused>
  /** Asks for a second person, where two decide. The same question again is the one that waits. */
  ask(request: ResponseRequest): Promise<Asking>
  /** Does it. Where two decide, the yes to exactly this is used up: of many at once one does it. */
  apply(request: ResponseRequest): Promise<Outcome>
  /** Ends what holds. */
  undo(id: string, by: By, reason: string): Promise<Outcome>
  /** Applies what a detection proposes, as far as a machine may. */
  automatic(detected: Detected, incident: string | undefined): Promise<readonly AutomaticOutcome[]>
  byId(id: string): Promise<Applied | undefined>
  /** The newest first. */
  list(query?: ResponseQuery): Promise<readonly Applied[]>
  /** Marks what has run out, and what was begun by a process that is no more, and tells it; returns how many. */
  sweep(now: number): Promise<number>
}
