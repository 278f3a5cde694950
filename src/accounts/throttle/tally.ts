/**
 * A rate from which one may take and to which one may give back. Failures are counted this way: a unit is taken before the
 * password is looked at, and given back when it was right. So of a hundred guesses at the same moment exactly as many as the
 * limit are looked at (attack A38), and people who sign in rightly use nothing up. The arithmetic is the stores' own GCRA.
 */
import type { AtomicStore, Rate } from '../../store/atomic.ts'
import { advance, describe, isAllowed, planTake } from '../../store/gcra.ts'

interface Answer {
  readonly ok: boolean
  readonly remaining: number
  readonly retryAfter: number
}

/** A counter by key. Times in milliseconds. */
export interface Tally {
  /** Takes one unit, or says in how many milliseconds there is one. `remaining`: how many are left now. */
  take(key: string, rate: Rate, now: number): Promise<Answer>
  /** Whether a unit could be taken now; writes nothing. */
  look(key: string, rate: Rate, now: number): Promise<Answer>
  /** Gives one unit back. */
  giveBack(key: string, rate: Rate, now: number): Promise<void>
  /** Gives all back. */
  clear(key: string): Promise<void>
}

/** Each lost round means that another one won it, and no more than the limit can win: this many are never reached in practice. */
const MOST_ROUNDS = 200

/** Makes the counter out of the store's compare-and-swap: what two try at once, one does first and the other sees. */
export function createTally(store: Pick<AtomicStore, 'get' | 'compareAndSwap' | 'delete'>): Tally {
  return {
    async take(key, rate, now) {
      const plan = planTake(rate, now)
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const seen = await store.get(key, now)
        const tat = Number(seen ?? 0)
        if (!isAllowed(plan, tat)) return { ok: false, remaining: 0, retryAfter: describe(plan, tat, false).retryAfter }
        const next = advance(plan, tat)
        const won = await store.compareAndSwap(key, seen, String(next), rate.period, now)
        if (won) return { ok: true, remaining: describe(plan, next, true).remaining, retryAfter: 0 }
      }
      return { ok: false, remaining: 0, retryAfter: 1000 } // fail closed
    },
    async look(key, rate, now) {
      const plan = planTake(rate, now)
      const tat = Number((await store.get(key, now)) ?? 0)
      const ok = isAllowed(plan, tat)
      const { remaining, retryAfter } = describe(plan, tat, ok)
      return { ok, remaining, retryAfter }
    },
    async giveBack(key, rate, now) {
      const { interval } = planTake(rate, now)
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const seen = await store.get(key, now)
        if (seen === undefined) return
        if (await store.compareAndSwap(key, seen, String(Math.max(0, Number(seen) - interval)), rate.period, now)) return
      }
    },
    async clear(key) {
      await store.delete(key)
    },
  }
}
