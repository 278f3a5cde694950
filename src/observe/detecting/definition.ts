/** The one shape of a detection: what it looks at, when it fires, why, and a replay that shows both. */
import type { EventType } from '../../engine/events.ts'
import type { MaybePromise } from '../../store/database.ts'
import type { Severity, Subject } from '../detected.ts'
import type { Place } from './places.ts'
import type { AnswerSignal, EventSignal, Signal } from './signal.ts'

/** Off, told and kept, or also answered. */
export type State = 'off' | 'dry-run' | 'on'
export const STATES: readonly State[] = ['off', 'dry-run', 'on']

/** The responses that there are, by name. */
export const RESPONSES = [
  ...['end-session', 'end-user-sessions', 'lock-account', 'require-step-up', 'block-client', 'block-network', 'tighten-limit'],
  ...['disable-route', 'read-only', 'rotate-keys', 'revoke-api-key', 'revoke-app', 'raise-log-level', 'snapshot-evidence'],
  ...['notify-user', 'force-password-change', 'slow-down', 'mark-honeytoken'],
] as const

/** One number that a detection goes by. */
export interface Threshold {
  /** `count`: a whole number. `time`: milliseconds. `ratio`: any number between the bounds. */
  readonly kind: 'count' | 'time' | 'ratio'
  readonly default: number
  readonly least: number
  readonly most: number
  /** What it means, as the end of a sentence. */
  readonly what: string
}

/** How many are still borne: the next one overflows. */
export function count(value: number, what: string, least = 1): Threshold {
  return { kind: 'count', default: value, least, most: 1_000_000, what }
}

/** Milliseconds, from a tenth of a second to a year. */
export function time(value: number, what: string): Threshold {
  return { kind: 'time', default: value, least: 100, most: 366 * 86_400_000, what }
}

export function ratio(value: number, what: string, least = 0, most = 1): Threshold {
  return { kind: 'ratio', default: value, least, most, what }
}

export type Thresholds = Readonly<Record<string, Threshold>>
export type ValuesOf<T extends Thresholds> = { readonly [Name in keyof T]: number }

/** What a detection says when it fires. */
export interface Finding {
  /** Quiet keeps count by it: usually who did it. */
  readonly key: string
  readonly actors: readonly Subject[]
  readonly targets?: readonly Subject[] | undefined
  /** @default the number of targets */
  readonly targetCount?: number | undefined
  /** One sentence with the figures, without a full stop's worth of advice. */
  readonly why: string
  /** @default the detection's */
  readonly severity?: Severity
  /** @default the detection's */
  readonly automatic?: readonly string[]
}

/** What a full bucket is told. */
export interface Overflow<S extends Signal> {
  readonly key: string
  readonly signal: S
  /** The last ones, at most 16. */
  readonly targets: readonly Subject[]
  /** How many the bucket bore, and this one. */
  readonly count: number
}

export interface BucketOptions<S extends Signal> {
  /** How many it holds: one more overflows. */
  readonly holds: number
  /** Milliseconds in which one leaks. */
  readonly leak: number
  /** What the bucket was filled with, for the incident. */
  readonly target?: (signal: S) => Subject | undefined
  readonly overflow: (over: Overflow<S>) => void
}

/** A leaky bucket for each key. */
export interface Bucket<S extends Signal> {
  /** Pours one in, or `cost`. With `value` only what differs from those before counts. */
  pour(key: string, signal: S, value?: string, cost?: number): void
  /** How many are in it now. */
  level(key: string, now: number): MaybePromise<number>
  /** Empties it. */
  empty(key: string): void
}

/** A short text for each key that outlives the process. */
export interface Memo {
  /** `change` gets what stood there and gives what shall; the same or `undefined` changes nothing. */
  update(key: string, now: number, change: (before: string | undefined) => string | undefined): void
}

/** What a detection works with. */
export interface Tools<T extends Thresholds> {
  readonly thresholds: ValuesOf<T>
  readonly fire: (finding: Finding, signal: Signal) => void
  /** Says whether this is the first time for the key within so many milliseconds, as far as this process knows. */
  readonly seen: (lives: number) => (key: string, value: string, now: number) => boolean
  /** The application's own origin. */
  readonly site: string
  /** Beginnings of paths that are for administrators. */
  readonly adminPaths: readonly string[]
  readonly bucket: <S extends Signal = EventSignal>(options: BucketOptions<S>) => Bucket<S>
  /** `lives`: milliseconds after the last change. */
  readonly memo: (lives: number) => Memo
  /** Where an address is; nothing without a database of places. */
  readonly locate: (address: string | undefined) => Place | undefined
}

/** What it does with each of its signals. What it returns matters only if it is a promise: somebody waits for it. */
export interface Watch {
  event?(event: EventSignal): unknown
  answer?(answer: AnswerSignal): unknown
}

export interface Detection<T extends Thresholds = Thresholds> {
  readonly name: string
  readonly severity: Severity
  /** One sentence: what it sees, and why somebody should know. */
  readonly why: string
  /** Ids of ATT&CK, CAPEC, CWE, ASVS, or the page that describes it. */
  readonly anchors: readonly string[]
  readonly needs: readonly (EventType | 'answer')[]
  readonly thresholds: T
  /** Milliseconds in which the same key is told once. @default 10 minutes */
  readonly quiet?: number
  readonly automatic: readonly (typeof RESPONSES)[number][]
  readonly offered: readonly (typeof RESPONSES)[number][]
  readonly replay: {
    /** What fires it, with these thresholds. */
    fires(thresholds: ValuesOf<T>): readonly Signal[]
    /** What is as like to it as can be, and does not. */
    nearMiss(thresholds: ValuesOf<T>): readonly Signal[]
  }
  start(tools: Tools<T>): Watch
}

export function defineDetection<const T extends Thresholds>(detection: Detection<T>): Detection {
  return detection as unknown as Detection
}
