/** What the control `observe` shows of the process, handed to it by who puts everything together. */
import { slot } from '../engine/exchange.ts'
import type { Metrics } from './metrics/types.ts'
import type { Readiness } from './readiness.ts'

export interface Observed {
  /** Absent: nothing is counted, and there is nothing to scrape. */
  readonly metrics: Metrics | undefined
  readonly readiness: Readiness
}

export const Observing = slot<Observed>('observing')
