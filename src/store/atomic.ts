/**
 * The atomic verbs: everything that may happen only once, or only so often, is one of these, so that of many who try at
 * once exactly one wins, on every store (law 9).
 *
 * Keys are opaque strings of 1 to 512 characters, values strings of at most 65 536. Times are milliseconds of the caller's clock
 * (`now`), never the store's. Rates and values are two spaces: `take` and `put` may use the same key. A count (`incrementIf`) is a
 * value of decimal digits: `get` reads it, `delete` resets it; counting on a value that is no count is refused as misuse.
 * What breaks these rules is a RangeError or TypeError on every store, thrown or rejected.
 */
import type { Channel } from './announcements.ts'
import type { MaybePromise } from './database.ts'

/** A limit as the generic cell rate algorithm sees it: `limit` in any burst, refilled evenly over `period`. */
export interface Rate {
  readonly limit: number
  /** Milliseconds. */
  readonly period: number
}

export interface Taken {
  readonly allowed: boolean
  /** How many more would be allowed right now. */
  readonly remaining: number
  /** Milliseconds until the whole limit is free again. */
  readonly resetAfter: number
  /** Milliseconds until the same take is allowed; 0 when allowed. A cost above the limit never is, whatever stands here. */
  readonly retryAfter: number
}

export interface AtomicStore {
  readonly name: 'memory' | 'sqlite' | 'postgres' | 'redis'
  /** Whether several processes see the same values. Memory does not; it is refused with more than one process. */
  readonly shared: boolean

  /** GCRA: takes `cost` from the rate of `key` (default 1; 0 takes nothing and says whether one more would be allowed). A refusal takes nothing. */
  take(key: string, rate: Rate, now: number, cost?: number): MaybePromise<Taken>
  /** Gives the rate of `key` back in full. */
  forgive(key: string): MaybePromise<void>

  /** Stores a value for `ttl` milliseconds (more than 0; at most 100 years count), over whatever stood there. */
  put(key: string, value: string, ttl: number, now: number): MaybePromise<void>
  get(key: string, now: number): MaybePromise<string | undefined>
  delete(key: string): MaybePromise<void>

  /** Reads and deletes in one step: exactly one caller gets the value. */
  consumeOnce(key: string, now: number): MaybePromise<string | undefined>
  /** Adds one while the count is below `limit`. `ttl` starts with the first. */
  incrementIf(
    key: string,
    limit: number,
    ttl: number,
    now: number,
  ): MaybePromise<{ readonly ok: boolean; readonly count: number }>
  /** Takes `key` for `owner` if it is free or already theirs (which extends it). */
  reserve(key: string, owner: string, ttl: number, now: number): MaybePromise<boolean>
  /** Frees `key` if `owner` holds it. */
  release(key: string, owner: string): MaybePromise<boolean>
  /** Writes `next` if the value is `expected` (`undefined`: if there is none). */
  compareAndSwap(key: string, expected: string | undefined, next: string, ttl: number, now: number): MaybePromise<boolean>

  /** How its users tell each other that something was written; absent where there is no way. */
  readonly channel?: Channel

  /** Drops what has expired; returns how many. Stores that expire by themselves return 0. */
  sweep(now: number): MaybePromise<number>
  ping(): Promise<void>
  close(): Promise<void>
}
