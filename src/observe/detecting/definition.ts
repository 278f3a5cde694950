/** The one shape of a detection: what it looks at, when it fires, why, and a replay that shows both. */
import type { EventType } from '../../engine/events.ts'
import type { Severity } from '../detected.ts'
import type { Tools, Watch } from './shapes.ts'
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

/** The name of a response. */
export type Response = (typeof RESPONSES)[number]

/** What a detection needs: types of events, `answer` for what requests came to, or `probe` for those of them that look like one (`claims.ts`). */
export type Need = EventType | 'answer' | 'probe'
export type SignalOf<N extends Need> = N extends 'answer' | 'probe' ? AnswerSignal : EventSignal

export interface Detection<T extends Thresholds = Thresholds, N extends Need = Need, S extends Signal = Signal> {
  readonly name: string
  readonly severity: Severity
  /** One sentence: what it sees, and why somebody should know. */
  readonly why: string
  /** Ids of ATT&CK, CAPEC, CWE, ASVS, or the page that describes it. */
  readonly anchors: readonly string[]
  readonly needs: readonly N[]
  readonly thresholds: T
  /** Milliseconds in which the same key is told once. @default 10 minutes */
  readonly quiet?: number
  /** What answers it at once, where the application lets it. */
  readonly automatic: readonly Response[]
  /** What a person is offered. */
  readonly offered: readonly Response[]
  readonly replay: {
    /** What fires it, with these thresholds. */
    fires(thresholds: ValuesOf<T>): readonly Signal[]
    /** What is as like to it as can be, and does not. */
    nearMiss(thresholds: ValuesOf<T>): readonly Signal[]
  }
  /** What looks at its signals, made of the shapes in `tools`. */
  start(tools: Tools<ValuesOf<T>, S>): Watch<S> | readonly Watch<S>[]
}

export function defineDetection<const T extends Thresholds, const N extends Need>(
  detection: Detection<T, N, SignalOf<N>>,
): Detection {
  return detection as unknown as Detection
}
