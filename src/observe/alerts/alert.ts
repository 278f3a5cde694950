/** One alert: what somebody is told who does not look at the log. Everything in it is one line of harmless text, of a length. */
import type { Severity } from '../detected.ts'

/** What it is about. */
export type AlertKind = 'incident' | 'event' | 'channel' | 'heartbeat' | 'test'
export const ALERT_KINDS: readonly AlertKind[] = ['incident', 'event', 'channel', 'heartbeat', 'test']

export interface Alert {
  /** Unique: 128 bits as base64url. The same at every attempt and in every channel. */
  readonly id: string
  /** The matter: alerts of one key belong together, as `incident:…` or `event:sys_store_lost`. */
  readonly key: string
  readonly kind: AlertKind
  /** `open`: it began. `update`: it goes on, `count` times more. `resolved`: it is over. */
  readonly state: 'open' | 'update' | 'resolved'
  readonly severity: Severity
  /** One line. */
  readonly title: string
  readonly text: string
  /** Milliseconds since 1970. */
  readonly time: number
  /** How often it happened since the last alert of this key. */
  readonly count: number
  readonly facts: Readonly<Record<string, string>>
  /** A page of ours. */
  readonly link?: string
}

/** An alert before it has an id. */
export type NewAlert = Omit<Alert, 'id' | 'time' | 'count' | 'facts'> & {
  readonly facts?: Readonly<Record<string, string | undefined>>
  readonly count?: number
}

const LONGEST_TITLE = 160
const LONGEST_TEXT = 1000
const LONGEST_FACT = 200
const MOST_FACTS = 20

/** The alert, with everything in it cut and cleaned: facts are texts of strangers as often as ours (CWE-117, CWE-93). */
export function makeAlert(given: NewAlert, id: string, time: number): Alert {
  const facts = Object.entries(given.facts ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return {
    ...given,
    id,
    time,
    count: given.count ?? 1,
    title: clean(given.title, LONGEST_TITLE),
    text: clean(given.text, LONGEST_TEXT),
    facts: Object.fromEntries(facts.slice(0, MOST_FACTS).map(([name, value]) => [name, clean(value, LONGEST_FACT)])),
  }
}

/** One line, without what turns, hides or breaks text. */
function clean(text: string, longest: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line
}

/** How it begins everywhere: `[high] Store lost`, `[resolved] …`. */
export function headline({ state, severity, title, count }: Alert): string {
  const mark = state === 'resolved' ? 'resolved' : severity
  return `[${mark}] ${title}${state === 'update' ? ` (${count} more)` : ''}`
}
