/** Which state may follow which. */
import type { IncidentState } from './types.ts'

/** `resolved` and `false-positive` are opened again by `acknowledged`; what went into another one stays there. */
export const FOLLOWS: Readonly<Record<IncidentState, readonly IncidentState[]>> = {
  new: ['acknowledged', 'contained', 'resolved', 'false-positive'],
  acknowledged: ['contained', 'resolved', 'false-positive'],
  contained: ['acknowledged', 'resolved', 'false-positive'],
  resolved: ['acknowledged'],
  'false-positive': ['acknowledged'],
  merged: [],
}

export const isClosed = (state: IncidentState): boolean =>
  state === 'resolved' || state === 'false-positive' || state === 'merged'
