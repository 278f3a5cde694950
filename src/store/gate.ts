/**
 * The gate before an embedded database: while a transaction is inside, everybody else waits in order, so that no statement of another
 * caller slips into it between two of its awaits. Waiting is bounded: a transaction that waits for itself is refused, not hung.
 */
import { StoreError } from './errors.ts'
import type { MaybePromise } from './database.ts'

export interface Gate {
  /** Whether a transaction is inside. When not, nobody waits either and work may run at once. */
  readonly held: boolean
  /** Waits for the gate and holds it; the function returned frees it (once; further calls do nothing). */
  enter(): Promise<() => void>
  /** Runs `work` as soon as nobody holds the gate: in this very call when it is free. */
  whenFree<T>(work: () => MaybePromise<T>): Promise<T>
}

interface Waiter {
  readonly start: () => void
  readonly timer: NodeJS.Timeout
}

/** @param timeout milliseconds that anybody waits at most */
export function createGate(timeout: number): Gate {
  const waiting = new Set<Waiter>()
  let held = false

  function hold(): () => void {
    held = true
    let open = false
    return () => {
      if (open) return
      open = true
      held = false
      drain()
    }
  }

  function drain(): void {
    for (const waiter of waiting) {
      if (held) return
      waiting.delete(waiter)
      clearTimeout(waiter.timer)
      waiter.start()
    }
  }

  function wait<T>(start: () => MaybePromise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const begin = (): void => {
        try {
          resolve(start())
        } catch (error) {
          reject(error as Error)
        }
      }
      if (!held) return begin()
      const expire = (): void => {
        waiting.delete(waiter)
        reject(tooLong(timeout))
      }
      const waiter: Waiter = { start: begin, timer: setTimeout(expire, timeout) }
      waiting.add(waiter)
    })
  }

  return {
    get held() {
      return held
    },
    enter: () => wait(hold),
    whenFree: wait,
  }
}

function tooLong(timeout: number): StoreError {
  return new StoreError(
    'store-busy',
    `The database waited ${timeout} ms for a transaction to end. Inside transaction(work) use only the tx that work is given: the database itself ` +
      'waits for that transaction. And await nothing slow there (mail, HTTP, hashing).',
  )
}
