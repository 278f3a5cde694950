/**
 * Limits that go on when their store is gone: a spare store, in the memory of the process, answers until it is back (attack A42: a
 * limiter that fails open, or answers 500 to everybody).
 *
 * Only limits are answered by the spare: `take`, `forgive`, `incrementIf`. What may happen once (`consumeOnce`, `reserve` and the like) is never
 * answered by a store that does not know what happened, so there the primary's error goes to the caller.
 */
import type { AtomicStore } from './atomic.ts'
import type { MaybePromise } from './database.ts'
import { isCallersFault, StoreError } from './errors.ts'
import { withDeadline } from './maybe.ts'

export interface FallbackOptions {
  /** Called once an outage. Whoever runs the application must learn that limits are now counted by each process for itself. */
  readonly onLost: (error: unknown) => void
  readonly onBack: () => void
  /** Milliseconds; paces how often the primary is asked whether it is back. */
  readonly now: () => number
  /** Milliseconds that a limit waits for the primary. @default 250 */
  readonly timeout?: number
}

/** Milliseconds between two attempts to reach a lost primary. */
const ASK_AGAIN = 1000

export function withFallback(primary: AtomicStore, spare: AtomicStore, options: FallbackOptions): AtomicStore {
  const { onLost, onBack, now, timeout = 250 } = options
  let lost = false
  let askedAt = 0

  function lose(error: unknown): void {
    askedAt = now()
    if (lost) return
    lost = true
    onLost(error)
  }

  /** Asks beside the request, not in it: nobody waits for a store that is gone. */
  function askAgain(): void {
    if (Math.abs(now() - askedAt) < ASK_AGAIN) return
    askedAt = now()
    withDeadline(primary.ping(), timeout, () => late(timeout))
      .then(found)
      .catch(() => {})
  }

  function found(): void {
    if (!lost) return
    lost = false
    onBack()
  }

  function limit<T>(ask: (store: AtomicStore) => MaybePromise<T>): MaybePromise<T> {
    if (lost) {
      askAgain()
      return ask(spare)
    }
    const instead = (error: unknown): MaybePromise<T> => {
      if (isCallersFault(error)) throw error
      lose(error)
      return ask(spare)
    }
    try {
      const answer = ask(primary)
      return answer instanceof Promise ? withDeadline(answer, timeout, () => late(timeout)).catch(instead) : answer
    } catch (error) {
      return instead(error)
    }
  }

  return {
    name: primary.name,
    shared: primary.shared,
    take: (key, rate, at, cost) => limit((store) => store.take(key, rate, at, cost)),
    forgive: (key) => limit((store) => store.forgive(key)),
    incrementIf: (key, most, ttl, at) => limit((store) => store.incrementIf(key, most, ttl, at)),
    put: (key, value, ttl, at) => primary.put(key, value, ttl, at),
    get: (key, at) => primary.get(key, at),
    delete: (key) => primary.delete(key),
    consumeOnce: (key, at) => primary.consumeOnce(key, at),
    reserve: (key, owner, ttl, at) => primary.reserve(key, owner, ttl, at),
    release: (key, owner) => primary.release(key, owner),
    compareAndSwap: (key, expected, next, ttl, at) => primary.compareAndSwap(key, expected, next, ttl, at),
    async sweep(at) {
      const swept = await spare.sweep(at)
      return lost ? swept : swept + (await primary.sweep(at))
    },
    ping: () => primary.ping(),
    async close() {
      await Promise.all([primary.close(), spare.close()])
    },
  }
}

function late(timeout: number): StoreError {
  return new StoreError('store-unavailable', `The store did not answer within ${timeout} ms.`)
}
