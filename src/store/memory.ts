/** The atomic verbs in the memory of one process: nothing here awaits, so each verb is one step by itself. Gone with the process. */
import type { AtomicStore } from './atomic.ts'
import { checkKey, checkLimit, checkValue, expiry, instant, parseCount } from './bounds.ts'
import { noCount } from './errors.ts'
import { advance, describe, isAllowed, planTake } from './gcra.ts'
import { memoryRates } from './memory-rates.ts'
import type { Pressure } from './memory-rates.ts'
import { memoryValues } from './memory-values.ts'

export interface MemoryOptions {
  /** Rates, and values, at most: about 105 bytes a rate with a 30-character key. @default 1000000 */
  readonly maxKeys?: number
  /** Called when live rates had to be forgotten: somebody floods the limiter with new keys (attack A43). */
  readonly onPressure?: (pressure: Pressure) => void
}

/** A JavaScript Map takes 2^24 keys. */
const MOST = 16_000_000

/** Synchronous throughout. Refuses `maxKeys` outside 1 to 16 million with a RangeError. */
export function memoryStore(options: MemoryOptions = {}): AtomicStore {
  const { maxKeys = 1_000_000, onPressure = () => {} } = options
  if (!Number.isSafeInteger(maxKeys) || maxKeys < 1 || maxKeys > MOST) {
    throw new RangeError(`maxKeys must be a whole number from 1 to ${MOST}, got ${maxKeys}.`)
  }
  const rates = memoryRates(maxKeys, onPressure)
  const values = memoryValues(maxKeys)

  return {
    name: 'memory',
    shared: false,
    take(key, rate, now, cost) {
      checkKey(key)
      const plan = planTake(rate, now, cost)
      const tat = rates.read(key)
      if (!isAllowed(plan, tat)) return describe(plan, tat, false)
      if (plan.increment === 0) return describe(plan, tat, true)
      const next = advance(plan, tat)
      rates.write(key, next, plan)
      return describe(plan, next, true)
    },
    forgive(key) {
      checkKey(key)
      rates.delete(key)
    },
    put(key, value, ttl, now) {
      checkKey(key)
      checkValue(value)
      values.write(key, value, expiry(now, ttl), now)
    },
    get(key, now) {
      checkKey(key)
      return values.read(key, instant(now))
    },
    delete(key) {
      checkKey(key)
      values.delete(key)
    },
    consumeOnce(key, now) {
      checkKey(key)
      const value = values.read(key, instant(now))
      if (value !== undefined) values.delete(key)
      return value
    },
    incrementIf(key, limit, ttl, now) {
      checkKey(key)
      checkLimit(limit)
      const until = expiry(now, ttl)
      const stored = values.entry(key, instant(now))
      const count = stored === undefined ? 0 : parseCount(stored.value)
      if (count === undefined) throw noCount()
      if (count >= limit) return { ok: false, count }
      values.write(key, String(count + 1), stored?.until ?? until, now)
      return { ok: true, count: count + 1 }
    },
    reserve(key, owner, ttl, now) {
      checkKey(key)
      checkValue(owner)
      const until = expiry(now, ttl)
      const holder = values.read(key, instant(now))
      if (holder !== undefined && holder !== owner) return false
      values.write(key, owner, until, now)
      return true
    },
    release(key, owner) {
      checkKey(key)
      if (values.read(key, 0) !== owner) return false
      values.delete(key)
      return true
    },
    compareAndSwap(key, expected, next, ttl, now) {
      checkKey(key)
      checkValue(next)
      const until = expiry(now, ttl)
      if (values.read(key, instant(now)) !== expected) return false
      values.write(key, next, until, now)
      return true
    },
    sweep(now) {
      const start = instant(now)
      return rates.sweep(start * 1000) + values.sweep(start)
    },
    ping: async () => {},
    close: async () => {},
  }
}
