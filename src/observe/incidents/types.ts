/** The words of incidents: signals of one attack, told as one thing with a state, an owner and a timeline. */
import type { Detected, Severity, Subject } from '../detected.ts'
import type { AutomaticOutcome } from '../responses/responder-types.ts'
import type { By } from '../responses/response.ts'

/**
 * `new` nobody has looked; `acknowledged` somebody does; `contained` the attack cannot go on; `resolved` all is as before;
 * `false-positive` it was none; `merged` it is part of another one.
 */
export type IncidentState = 'new' | 'acknowledged' | 'contained' | 'resolved' | 'false-positive' | 'merged'
export const INCIDENT_STATES: readonly IncidentState[] = [
  'new',
  'acknowledged',
  'contained',
  'resolved',
  'false-positive',
  'merged',
]

export interface Incident {
  readonly id: string
  /** One line: which detection, by whom, against what. */
  readonly title: string
  readonly severity: Severity
  readonly state: IncidentState
  /** Who takes care of it, as they were named. */
  readonly owner: string | undefined
  /** Names of the detections that fired. */
  readonly detections: readonly string[]
  /** How many signals there were, also those that are not in the timeline any more. */
  readonly signals: number
  readonly actorCount: number
  readonly targetCount: number
  /** When the first signal was seen. */
  readonly firstAt: number
  readonly lastAt: number
  readonly openedAt: number
  readonly acknowledgedAt: number | undefined
  readonly containedAt: number | undefined
  readonly closedAt: number | undefined
  /** How often it was opened again. */
  readonly reopened: number
  readonly mergedInto: string | undefined
}

/** A subject with what it had to do with it. */
export interface Involved extends Subject {
  readonly role: 'actor' | 'target'
  readonly firstAt: number
  readonly lastAt: number
  readonly count: number
}

export interface Entry {
  readonly at: number
  readonly kind: 'opened' | 'signal' | 'severity' | 'state' | 'owner' | 'note' | 'merged' | 'response' | 'held'
  readonly text: string
  /** Who, where it was somebody: `user:…`, `system:cli`. */
  readonly by: string | undefined
}

/** What an actor got an answer to, after the first signal. */
export interface Reached {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
}

/** An incident with all that is kept of it. */
export interface IncidentDetails extends Incident {
  readonly involved: readonly Involved[]
  /** The oldest first; bounded, `signals` counts all. */
  readonly timeline: readonly Entry[]
  readonly reached: readonly Reached[]
}

/** What happened to an incident: for alerts, and whoever shows them. */
export type IncidentChange =
  | { readonly kind: 'opened'; readonly incident: Incident; readonly detected: Detected | undefined }
  | { readonly kind: 'grew'; readonly incident: Incident; readonly detected: Detected }
  | { readonly kind: 'severity-raised'; readonly incident: Incident; readonly before: Severity }
  | { readonly kind: 'state-changed'; readonly incident: Incident; readonly before: IncidentState; readonly by: By }
  | { readonly kind: 'closed'; readonly incident: Incident; readonly before: IncidentState; readonly by: By }
  | { readonly kind: 'reopened'; readonly incident: Incident; readonly before: IncidentState; readonly by: By | undefined }
  | { readonly kind: 'merged'; readonly incident: Incident; readonly from: readonly string[] }
  | { readonly kind: 'answered'; readonly incident: Incident; readonly outcomes: readonly AutomaticOutcome[] }

export type IncidentListener = (change: IncidentChange) => void

export type IncidentProblem = 'unknown-incident' | 'state-impossible' | 'text-missing' | 'merged'
export type Changed =
  | { readonly ok: true; readonly incident: Incident }
  | { readonly ok: false; readonly reason: IncidentProblem; readonly says: string }

export interface IncidentQuery {
  /** @default those that are open */
  readonly states?: readonly IncidentState[]
  readonly subject?: Subject
  /** 1 to 500. @default 50 */
  readonly limit?: number
}

/** States in which an incident takes more signals. */
export const OPEN: readonly IncidentState[] = ['new', 'acknowledged', 'contained']
