/** What detections tell incidents, and incidents tell responses and alerts: the words that these parts share. */

/** From what is worth knowing to what must wake somebody. */
export type Severity = 'low' | 'medium' | 'high' | 'critical'
export const SEVERITIES: readonly Severity[] = ['low', 'medium', 'high', 'critical']

/** One subject of an incident: who did it, or what it was aimed at. */
export interface Subject {
  readonly kind:
    | 'client'
    | 'network'
    | 'user'
    | 'session'
    | 'api-key'
    | 'app'
    | 'tenant'
    | 'login'
    | 'route'
    | 'field'
    | 'row'
    | 'origin'
    | 'process'
  /** An address, an id, a path; of a name that somebody typed the keyed hash, as in the log. */
  readonly value: string
}

/** A detection fired. */
export interface Detected {
  /** Unique; 128 bits as base64url. */
  readonly id: string
  /** The detection's name in the list: `credential-stuffing`. */
  readonly detection: string
  readonly severity: Severity
  /** Milliseconds since 1970. */
  readonly time: number
  /** In dry-run it is told and kept, and nothing answers it by itself. */
  readonly dryRun: boolean
  /** Who did it, as far as it is known; at most 16. */
  readonly actors: readonly Subject[]
  /** What it was aimed at; at most 16, `targetCount` says how many there were. */
  readonly targets: readonly Subject[]
  readonly targetCount: number
  /** One sentence with the figures: what was seen, how often, within what time. */
  readonly why: string
  /** Names of responses (`src/observe/responses/`) that may be applied at once, without a person. */
  readonly automatic: readonly string[]
  /** Names of responses that a person is offered. */
  readonly offered: readonly string[]
}

export type DetectedListener = (detected: Detected) => void
