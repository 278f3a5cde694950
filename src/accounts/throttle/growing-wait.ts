/**
 * A wait that doubles: whoever fails five times, waits, and fails five times more waits twice as long, up to a quarter of an hour, however
 * patiently it is done. Nobody is locked out for good. Source: OWASP Authentication Cheat Sheet ("Account Lockout"); OWASP ASVS 5.0 6.3.1.
 */
import type { AtomicStore } from '../../store/atomic.ts'

export interface GrowingWait {
  /** Milliseconds until the next attempt may be made; 0: now. Writes nothing. */
  left(key: string, now: number): Promise<number>
  /** An attempt failed. The wait begins, twice as long as the last one, after `burst` of them, or at once where this one was the last (`used`). */
  fail(key: string, used: boolean, now: number): Promise<void>
  clear(key: string): Promise<void>
}

interface Setting {
  /** So many failures make a wait. */
  readonly burst: number
  /** The first wait, in milliseconds. */
  readonly first: number
}

interface State {
  readonly until: number
  /** The last wait. */
  readonly wait: number
  /** Failures since it began. */
  readonly failures: number
}

export const LONGEST_WAIT = 900_000
/** After the wait and so long a quiet, the next one is the first again. */
const FORGOTTEN_AFTER = 3_600_000
const MOST_ROUNDS = 200

/** Makes it out of the store's compare-and-swap: of many that fail at the same moment each is counted. */
export function createGrowingWait(
  store: Pick<AtomicStore, 'get' | 'compareAndSwap' | 'delete'>,
  { burst, first }: Setting,
): GrowingWait {
  function after({ until, wait, failures }: State, used: boolean, now: number): State {
    if (!used && failures + 1 < burst) return { until, wait, failures: failures + 1 }
    const next = Math.min(LONGEST_WAIT, wait === 0 ? first : wait * 2)
    return { until: now + next, wait: next, failures: 0 }
  }

  return {
    async left(key, now) {
      return Math.max(0, parse(await store.get(key, now)).until - now)
    },
    async fail(key, used, now) {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const seen = await store.get(key, now)
        const { until, wait, failures } = after(parse(seen), used, now)
        const life = Math.max(0, until - now) + FORGOTTEN_AFTER
        if (await store.compareAndSwap(key, seen, `${until} ${wait} ${failures}`, life, now)) return
      }
    },
    async clear(key) {
      await store.delete(key)
    },
  }
}

function parse(text = '0 0 0'): State {
  const [until, wait, failures] = text.split(' ', 3)
  return { until: Number(until), wait: Number(wait), failures: Number(failures) }
}
