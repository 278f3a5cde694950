/** What is said when too much is being hashed already: later, and how much later. The hasher throws it, doors answer with it. */
import { HasherBusy } from '../crypto/password/hasher.ts'

export interface Busy {
  readonly ok: false
  readonly reason: 'busy'
  /** Seconds. */
  readonly retryAfter: number
}

/** The result of work that hashes, or `Busy`; every other fault stays one. */
export async function unlessBusy<Result>(work: Promise<Result>): Promise<Result | Busy> {
  try {
    return await work
  } catch (error) {
    if (error instanceof HasherBusy) return { ok: false, reason: 'busy', retryAfter: error.retryAfter }
    throw error
  }
}
