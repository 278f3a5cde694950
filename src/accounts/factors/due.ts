/** Until when a user who must have a second factor may do without: counted from when they were first seen to need one. */
import type { AtomicStore } from '../../store/atomic.ts'
import { after } from '../../store/maybe.ts'
import type { Factors } from '../types.ts'

const FOR_GOOD = 100 * 365 * 86_400_000

/** Asked at requests of those alone who have none yet; one look at the store. A factor that is removed later brings no new grace. */
export function createDue(once: Pick<AtomicStore, 'get' | 'compareAndSwap'>): Factors['dueAt'] {
  return (userId, grace, now) => {
    const key = `accounts:factor-due:${userId}`
    return after(once.get(key, now), (seen) => {
      if (seen !== undefined) return Number(seen) + grace
      // Of two at once one is written, and they differ by nothing that matters.
      return after(once.compareAndSwap(key, undefined, String(now), FOR_GOOD, now), () => now + grace)
    })
  }
}
