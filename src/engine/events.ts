/** The one choke point: whatever happens is one `emit`. Names are the OWASP Logging Vocabulary's where it has a word. */
import type { Transaction } from 'kysely'
import { ACCOUNT_EVENTS } from './catalogue/accounts.ts'
import { AUDIT_EVENTS } from './catalogue/audit.ts'
import { DETECTION_EVENTS } from './catalogue/detections.ts'
import { GUARDED_EVENTS } from './catalogue/guarded.ts'
import type { Level } from './catalogue/kind.ts'
import { OBSERVING_EVENTS } from './catalogue/observing.ts'
import { OPERATION_EVENTS } from './catalogue/operation.ts'
import { REQUEST_EVENTS } from './catalogue/requests.ts'
import { RESPONDING_EVENTS } from './catalogue/responding.ts'
import { SIGN_IN_EVENTS } from './catalogue/sign-in.ts'
import { TLS_EVENTS } from './catalogue/tls.ts'
import type { Exchange } from './exchange.ts'

export type { Level }

/** Every event there is, by what it is about. An event that is not here does not compile. */
export const EVENTS = {
  ...SIGN_IN_EVENTS,
  ...ACCOUNT_EVENTS,
  ...REQUEST_EVENTS,
  ...OPERATION_EVENTS,
  ...AUDIT_EVENTS,
  ...OBSERVING_EVENTS,
  ...TLS_EVENTS,
  ...RESPONDING_EVENTS,
  ...GUARDED_EVENTS,
  ...DETECTION_EVENTS,
} as const

export type EventType = keyof typeof EVENTS

export type EventValue = string | number | boolean | null | readonly string[]

/** What a control says. */
export interface Report {
  readonly type: EventType
  /** @default the level of the type */
  readonly level?: Level
  /** Facts that help to understand it. Never a password, token, cookie or body. */
  readonly data?: Readonly<Record<string, EventValue | undefined>>
}

/** What listeners get: the report, stamped with when, where and by whom. */
export interface SecurityEvent extends Report {
  readonly level: Level
  /** Which part spoke: a control's name, `accounts`, `engine`. */
  readonly control: string
  /** Milliseconds since 1970. */
  readonly time: number
  readonly requestId?: string
  /** Canonical address of the client. */
  readonly client?: string
  /** Id of the user. */
  readonly principal?: string
  /** Id of who acts as this user, when it is not they themselves. */
  readonly impersonator?: string
  /** Public id of the session, or of the API key, by which the user asked. */
  readonly session?: string
  readonly apiKey?: string
  /** Public id of the app that asked for the user. It stands in `data.app`, too, as in all that is said of apps: so it is kept and found. */
  readonly app?: string
  readonly method?: string
  readonly path?: string
}

/** Says that something happened; `x` is the request it happened in, if it was in one. Never throws, never waits. */
export interface Emit {
  (report: Report, x?: Exchange): void
  /** Writes an administrative act down in its own transaction; see act.ts. Absent where nobody keeps a record. */
  readonly record?: (tx: Transaction<any>, report: Report, x?: Exchange) => Promise<void>
}
export type Listener = (event: SecurityEvent) => void
