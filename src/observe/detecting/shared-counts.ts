/**
 * Sums what several processes count. What was poured in a tenth of a second goes to the shared store in one step for each key, so that a
 * flood costs the store as many steps as it has keys, and an attack that is spread over the processes is seen as one. Each process has
 * its own count beside it: without the store an attack on one process is still seen.
 */
import { sha256 } from '../../crypto/hash.ts'
import type { AtomicStore, Rate } from '../../store/atomic.ts'
import type { Poured, Share } from './counts.ts'

interface Waiting extends Omit<Poured, 'cost' | 'value'> {
  cost: number
  /** What only the store knows whether it is new, and how often it came. */
  readonly values: Map<string, number>
}

interface Setting {
  readonly store: AtomicStore
  readonly onFault: (error: unknown) => void
}

const EVERY = 100
/** Keys that may wait at once; more are counted by this process alone. */
const MOST_WAITING = 2000
const MOST_VALUES = 64

export interface SharedCounts extends Share {
  /** Sends what waits, and resolves when the store has answered. */
  flush(): Promise<void>
  /** Whether this process is the first to say it within the time. */
  claim(key: string, quiet: number, now: number): Promise<boolean>
  stop(): void
}

export function createSharedCounts({ store, onFault }: Setting): SharedCounts {
  let waiting = new Map<string, Waiting>()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<unknown> = Promise.resolve()

  /** What a client sent never becomes a key of the store as it is: it may be long. */
  const name = (bucket: string, key: string) => `detections:${bucket}:${sha256(key).slice(0, 22)}`

  /** The sum decides. Without the store, what this process has seen. */
  async function send(key: string, one: Waiting): Promise<void> {
    const full = await fills(key, one).catch((error: unknown) => {
      onFault(error)
      return one.full
    })
    if (full) one.overflow()
  }

  async function fills(key: string, { rate, now, cost, values, counts, remembers }: Waiting): Promise<boolean> {
    let total = cost
    for (const [value, times] of values) {
      const { ok: isNew } = await store.incrementIf(`${key}:${sha256(value).slice(0, 22)}`, 1, remembers, now)
      if (counts === 'new') total += isNew ? 1 : 0
      else total += isNew ? times - 1 : times
    }
    return total > 0 && !(await store.take(key, rate, now, total)).allowed
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const batch = waiting
    waiting = new Map()
    const sent = [...batch].map(([key, one]) => send(key, one))
    const done = Promise.all([running, ...sent]).then(() => undefined)
    running = done
    return done
  }

  return {
    flush,
    pour(poured) {
      const key = name(poured.bucket, poured.key)
      const before = waiting.get(key)
      if (before === undefined && waiting.size >= MOST_WAITING) return poured.full ? poured.overflow() : undefined
      const one: Waiting = {
        ...poured,
        full: poured.full || before?.full === true,
        cost: before?.cost ?? 0,
        values: before?.values ?? new Map(),
      }
      const { value } = poured
      if (value === undefined) one.cost += poured.cost
      else if (one.values.has(value) || one.values.size < MOST_VALUES) one.values.set(value, (one.values.get(value) ?? 0) + 1)
      waiting.set(key, one)
      timer ??= setTimeout(() => void flush(), EVERY).unref()
    },
    async level(bucket, key, rate: Rate, now) {
      await flush()
      const { remaining } = await store.take(name(bucket, key), rate, now, 0)
      return rate.limit - remaining
    },
    empty(bucket, key) {
      waiting.delete(name(bucket, key))
      running = Promise.all([running, store.forgive(name(bucket, key))]).catch(onFault)
    },
    async claim(key, quiet, now) {
      try {
        return (await store.incrementIf(`detections:told:${sha256(key).slice(0, 22)}`, 1, quiet, now)).ok
      } catch (error) {
        onFault(error)
        return true
      }
    },
    stop() {
      clearTimeout(timer)
    },
  }
}
