/** What a response is: what one may do against an attack, as a value. Each stands in its own file; `index.ts` is the list. */
import type { Subject } from '../detected.ts'
import type { Hold } from './hold.ts'
import type { Levers } from './levers.ts'

export type { Subject } from '../detected.ts'

/** Who acts: the server itself under a name, or a signed-in user. Stands in the log and beside what was done. */
export interface By {
  readonly kind: 'system' | 'user'
  readonly id: string
}

/** What is asked for, before anything is done. */
export interface Asked {
  /** Absent where the response concerns everybody. */
  readonly subject: Subject | undefined
  readonly by: By
  /** Why, in a sentence. */
  readonly reason: string
  /** Id of the incident it belongs to. */
  readonly incident: string | undefined
  /** Whether nobody was asked: a detection proposed it. */
  readonly automatic: boolean
  /** What else may be said, by name: `{ factor: '4' }`. */
  readonly settings: Readonly<Record<string, string>>
}

/** Why it is not done. */
export type ResponseProblem =
  | 'unknown-response'
  | 'unknown-incident'
  | 'subject-missing'
  | 'subject-unfit'
  | 'subject-unknown'
  | 'never-blocked'
  | 'too-wide'
  | 'setting-invalid'
  | 'expiry-invalid'
  | 'reason-missing'
  | 'last-administrator'
  | 'no-way-back'
  | 'route-spared'
  | 'nothing-to-do'
  | 'not-enforced'
  | 'needs-a-person'
  | 'already-active'
  | 'approval-required'
  | 'approval-pending'
  | 'unknown-id'
  | 'not-undoable'
  | 'not-active'
  | 'too-many'
  | 'failed'

export interface Refused {
  readonly ok: false
  readonly reason: ResponseProblem
  /** For people: what was got, and what may be done about it. */
  readonly says: string
}

/** What it would do. Nothing was changed to find out. */
export interface Plan {
  readonly ok: true
  /** One sentence with figures: `Ends 3 sessions of ada.` */
  readonly says: string
  /** How many things it touches: sessions, keys, users. */
  readonly touches: number
  /** What is kept up until it expires or is undone. */
  readonly hold?: Hold
  /** Users of whom one at least must not be held: asked again when it is done, under the lock of all. */
  readonly oneOf?: readonly string[]
}

/** One response. */
export interface Response {
  /** In the list, in events and at the command: `block-client`. */
  readonly name: string
  /** What it does, as a sentence. */
  readonly what: string
  /** What it can be aimed at; empty: at everybody. */
  readonly subjects: readonly Subject['kind'][]
  /** What else may be said: name to meaning. */
  readonly settings?: Readonly<Record<string, string>>
  /** Milliseconds for which it holds; absent where it is done at once. */
  readonly lasts?: { readonly usual: number; readonly most: number }
  /** Why it cannot be undone; absent where it can. */
  readonly final?: string
  /** When a detection may have it applied by itself; absent: a person decides. */
  readonly automatic?: Automatic
  /** Whether a second person has to approve it, whatever the application marks. */
  needsSecond?(asked: Asked): boolean
  plan(asked: Asked, levers: Levers): Promise<Plan | Refused>
  /** Does what is done at once, where nothing is held; returns how many things it changed. */
  act?(asked: Asked, levers: Levers): Promise<number>
}

/** The bounds of what nobody is asked about. */
export interface Automatic {
  /** Longest time it holds, in milliseconds; absent where it is done at once. */
  readonly most?: number
  /** How often it may hit one subject in 24 hours; then a person decides. */
  readonly perDay: number
  /**
   * `actors`: only who did it, and proved who they are or holds the connection. `concerned`: also whom it was aimed at, because it takes
   * nothing away from them.
   */
  readonly on: 'actors' | 'concerned'
}

export function defineResponse(response: Response): Response {
  return response
}

/** A refusal with its words. */
export function no(reason: ResponseProblem, says: string): Refused {
  return { ok: false, reason, says }
}

export const MINUTE = 60_000
export const HOUR = 3_600_000
export const DAY = 86_400_000
