/** Asks for a number that somebody else knows: at most every so often, one question at a time, and not for ever. */
import { withDeadline } from '../../store/maybe.ts'
import type { Family, Reading } from './types.ts'

/** Milliseconds that a scrape waits for one reading. */
const PATIENCE = 2000

export interface ReadingSetting {
  readonly read: () => Reading | Promise<Reading>
  /** Milliseconds for which a reading is used again. */
  readonly every: number
  /** Milliseconds that do not go back. */
  readonly now: () => number
  /** Told once for each question that failed. */
  readonly onFault: (error: unknown) => void
}

/** Gives the last reading, or asks for a new one. What fails or takes too long is left out: an old number would look like a new one. */
export function createReading({ read, every, now, onFault }: ReadingSetting): () => Promise<Family['samples']> {
  let at = Number.NEGATIVE_INFINITY
  let known: Family['samples'] = []
  let asking: Promise<Family['samples']> | undefined

  async function ask(): Promise<Family['samples']> {
    try {
      known = samplesOf(await read())
    } catch (error) {
      known = []
      onFault(error)
    }
    at = now()
    return known
  }

  return async () => {
    if (now() - at < every) return known
    asking ??= ask().finally(() => (asking = undefined))
    return withDeadline(asking, PATIENCE, () => new Error('late')).catch(() => [])
  }
}

function samplesOf(reading: Reading): Family['samples'] {
  if (reading === undefined) return []
  return typeof reading === 'number' ? [[[], reading]] : reading
}
