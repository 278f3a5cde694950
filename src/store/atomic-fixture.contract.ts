/** What the contracts of atomic stores share. */
import type { AtomicStore, Rate } from './atomic.ts'

/** A store that is empty, and keys that nobody used. Both are there once a test runs. */
export interface Trying {
  readonly store: AtomicStore
  key(): string
}

/** A day in 2026: the sums of the stores must be exact at the size of real times. */
export const NOW = 1_792_000_000_000
export const MINUTE = 60_000
export const FIVE: Rate = { limit: 5, period: MINUTE }
export const WINNERS_OF = 50
