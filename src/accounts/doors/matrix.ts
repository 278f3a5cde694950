/**
 * What each way in is, and which of the invariants of all ways do not apply to it, and why not. It is data: the registry test tries every
 * cell that has no reason here, and `holdfast doors` and the reference print it. A door that is not here fails the test, so that a new one
 * cannot forget a guard. Sources: OWASP ASVS 5.0 6.3.4 (all ways in have the same guards); L01, L02, L05; CVE-2024-47000, CVE-2026-9798.
 */
import type { LetterName } from '../letters/index.ts'
import type { Accounts } from '../types.ts'

export { ways } from './ways.ts'

/** THE LIST of what must hold at every way in: name, and what it says. */
export const INVARIANTS = {
  locked: 'After the wrong guesses that an account allows, the right one is refused as well.',
  throttled: 'Whoever fails again and again from one network is told to wait, whatever they try.',
  disabled: 'An account that was disabled in the meantime gets nothing.',
  deleted: 'An account that is gone gets nothing, and no error of ours.',
  unverified: 'An address that is not verified any more lets nobody in; who must verify theirs reaches nothing else.',
  expired: 'After its time it is void, at the moment of use.',
  'second-factor': 'Where the account has a second factor, there is no session without it.',
  parity: 'With an account and without: the same bytes, fields, queries, hashes and letters.',
  fixation: 'A session that was in the browser before is dead afterwards.',
  'single-use': 'Of twenty at once, one gets through.',
  event: 'It is told to the log, once and by its own name.',
  origin: 'A page of another site cannot do it.',
  secrets: 'What opens it stands in no event, no fault, no header but the cookie, and no table.',
} as const

export type Invariant = keyof typeof INVARIANTS

export type AccountsDoorName = keyof Accounts['doors']

/** One way in, or one step of it. */
export interface Way {
  readonly name: string
  readonly what: string
  /** The door of accounts behind it; absent where none of them is. */
  readonly door?: AccountsDoorName
  /** The door of the web in front of it, by its name; absent where the request itself brings what opens it. */
  readonly web?: string
  /** What a session remembers of it (RFC 8176, or our own word); empty where it opens none. */
  readonly proofs: readonly string[]
  /** The letters that belong to it. */
  readonly sends: readonly LetterName[]
  /** Why an invariant says nothing here. What is not named is held, and tried. */
  readonly not: Readonly<Partial<Record<Invariant, string>>>
}

/** Whether the invariant is tried at this way. */
export function applies({ not }: Way, invariant: Invariant): boolean {
  return not[invariant] === undefined
}
