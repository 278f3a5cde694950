/** The audit log as others see it: what stands in it, how it is asked, and how far behind it is. */
import type { EventClass } from '../../engine/event-classes.ts'
import type { EventType, EventValue, Level } from '../../engine/events.ts'
import type { ProvedEvents } from './proofs.ts'

/** One event of the log, as it was written. */
export interface AuditEvent {
  /** Its place: `<chain>#<seq>`; unique, and what `audit proof` and `audit redact` take. */
  readonly id: string
  /** `<writer>/<class>`. */
  readonly chain: string
  /** Counts from 0 within its chain, without a gap. */
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly type: EventType
  readonly class: EventClass
  readonly level: Level
  readonly control: string
  readonly requestId?: string
  /** Canonical address of the client. */
  readonly client?: string
  /** Id of who made the request. */
  readonly principal?: string
  /** Id of who acted as the principal. */
  readonly impersonator?: string
  readonly method?: string
  readonly path?: string
  readonly data?: Readonly<Record<string, EventValue>>
  /** What was blanked later: `who` is client, principal and impersonator, `what` is path and data. */
  readonly redacted?: readonly Redactable[]
}

/** The two parts of an event that can be blanked while the chain stays verifiable. */
export type Redactable = 'who' | 'what'

/** What to look for; all that is given must hold. */
export interface AuditFilter {
  /** Everything of a user: what they did, and what was done to them. */
  readonly user?: string
  /** Canonical address of a client. */
  readonly client?: string
  /** Id of a session. An event about several sessions stands under the first of them. */
  readonly session?: string
  /** Public id of an API key. */
  readonly apiKey?: string
  readonly requestId?: string
  readonly type?: EventType
  readonly level?: Level
  readonly control?: string
  /** Milliseconds since 1970, inclusive. */
  readonly from?: number
  /** Milliseconds since 1970, exclusive. */
  readonly to?: number
}

export interface AuditPageOptions {
  /** Events at most, 1 to 500. @default 100 */
  readonly limit?: number
  /** Only what was written before this cursor: `next` of the page before. */
  readonly before?: string
}

/** Newest first, in the order of writing. */
export interface AuditPage {
  readonly events: readonly AuditEvent[]
  /** Where the next page begins; absent at the end. */
  readonly next?: string
}

/** Oldest first: what was written since. */
export interface AuditTail {
  readonly events: readonly AuditEvent[]
  /** What to give as `after` next time. */
  readonly cursor: string
}

export interface AuditCheckpoint {
  readonly chain: string
  /** How many events of the chain it vouches for. */
  readonly size: number
  readonly time: number
  /** A signed note (C2SP tlog-checkpoint). */
  readonly note: string
}

/** How it stands with this process's part of the log. */
export interface AuditStatus {
  /** Events that happened and are not in the database yet. */
  readonly behind: number
  /** Events that were lost since the start, because the queue was full. */
  readonly dropped: number
  /** When the oldest event that is behind happened. */
  readonly behindSince?: number
  /** Why the last write failed, if it did. */
  readonly error?: string
  /** Events written by this process. */
  readonly written: number
  /** The latest checkpoint of each of this process's chains. */
  readonly checkpoints: readonly AuditCheckpoint[]
  /** What a verifier needs: `name+id+key`, one for each key of the ring. */
  readonly publicKeys: readonly string[]
}

/** The log, to be asked. */
export interface AuditLog {
  search(filter: AuditFilter, page?: AuditPageOptions): Promise<AuditPage>
  /** What was written since `after`; without it the latest `limit` events. */
  tail(filter?: AuditFilter, options?: { readonly after?: string; readonly limit?: number }): Promise<AuditTail>
  /** How many there are, counted up to `most`. @param most default 10000 */
  count(filter: AuditFilter, most?: number): Promise<number>
  status(): AuditStatus
  /** Proofs that these events (`<chain>#<seq>`) stand in the log, for evidence. Signs first what no checkpoint vouches for yet. */
  prove(ids: readonly string[]): Promise<ProvedEvents>
  /** Resolves when all that happened before is written; rejects when it cannot be. */
  flush(): Promise<void>
}
