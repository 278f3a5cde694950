/** Signals for replays, with what nearly every one needs filled in. Addresses and names are those that are kept for documentation. */
import type { EventType, EventValue } from '../../engine/events.ts'
import type { AnswerSignal, EventSignal, Signal } from './signal.ts'

/** A Wednesday at ten in the morning. */
export const START = Date.UTC(2026, 0, 14, 10)
/** Where the runtime of a replay takes its own pages to be. */
export const REPLAY_SITE = 'https://app.example'
export const SECOND = 1000
export const MINUTE = 60_000
export const HOUR = 3_600_000
export const DAY = 86_400_000

export const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
export const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15'

interface Circumstances {
  /** Milliseconds after the beginning. @default 0 */
  readonly at?: number
  readonly client?: string
  readonly principal?: string
  readonly path?: string
  readonly data?: Readonly<Record<string, EventValue | undefined>>
}

const CLIENT = '203.0.113.7'

export function event(type: EventType, { at = 0, client = CLIENT, data = {}, ...more }: Circumstances = {}): EventSignal {
  return { type, level: 'warn', control: 'replay', time: START + at, requestId: `r${at}`, client, data, ...more }
}

/** An ordinary page, but for what is said. */
export function answer({
  at = 0,
  ...given
}: Partial<Omit<AnswerSignal, 'type' | 'time'>> & { readonly at?: number }): AnswerSignal {
  const client = given.client ?? CLIENT
  const target = given.target ?? given.path ?? '/'
  return {
    type: 'answer',
    time: START + at,
    requestId: `r${at}`,
    client,
    network: client,
    method: 'GET',
    path: target.split('?')[0]!,
    target,
    status: 200,
    agent: FIREFOX,
    turnedAway: false,
    ...given,
  }
}

/** One for each number from 0. */
export function times<S extends Signal>(many: number, make: (index: number) => S): S[] {
  return Array.from({ length: many }, (_, index) => make(index))
}

/** Another address for each number. */
export function address(index: number): string {
  return `198.18.${(index >> 8) & 255}.${index & 255}`
}
