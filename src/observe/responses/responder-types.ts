/** The words of the service that applies responses. */
import type { Detected, Subject } from '../detected.ts'
import type { Applied } from './record.ts'
import type { By, Plan, Refused } from './response.ts'
import type { ResponseState } from './schema.ts'

/** What somebody asks for. */
export interface ResponseRequest {
  /** Name in the list: `block-client`. */
  readonly response: string
  /** Absent where it concerns everybody. */
  readonly subject?: Subject | undefined
  /** Why, in a sentence. */
  readonly reason: string
  readonly by: By
  /** Id of the incident it belongs to. */
  readonly incident?: string | undefined
  /** Milliseconds for which it holds. @default the response's own */
  readonly lasts?: number | undefined
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** Why nobody else is asked, where a second person should be. It stands in the log as critical. */
  readonly insecureAlone?: string | undefined
}

/** What it would do, for how long, and whether somebody else has to confirm it. */
export interface Planned extends Plan {
  readonly response: string
  readonly needsSecond: boolean
  /** Milliseconds; absent where it is done at once. */
  readonly lasts: number | undefined
  /** Why it could not be undone. */
  readonly final: string | undefined
}

/** `waiting`: a second person has to confirm it first. */
export type Outcome = { readonly ok: true; readonly applied: Applied } | Refused

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

/** Responses: planned, applied, confirmed, undone, expired. */
export interface Responses {
  /** Says what it would do. Changes nothing. */
  plan(request: ResponseRequest): Promise<Planned | Refused>
  apply(request: ResponseRequest): Promise<Outcome>
  /** The second person's word; exactly one of many who say it at once applies it. */
  confirm(id: string, by: By): Promise<Outcome>
  /** Ends what holds, or takes back what waits. */
  undo(id: string, by: By, reason: string): Promise<Outcome>
  /** Applies what a detection proposes, as far as a machine may. */
  automatic(detected: Detected, incident: string | undefined): Promise<readonly AutomaticOutcome[]>
  byId(id: string): Promise<Applied | undefined>
  /** The newest first. */
  list(query?: ResponseQuery): Promise<readonly Applied[]>
  /** Marks what has run out, and tells it; returns how many. */
  sweep(now: number): Promise<number>
}
