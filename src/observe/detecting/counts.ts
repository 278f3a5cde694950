/**
 * Leaky buckets and counts of what differs: the limiter's arithmetic (`store/gcra.ts`) over tables of a fixed size. What is poured here is
 * passed on to `share`, which sums it with what the other processes see.
 */
import { advance, isAllowed, planTake } from '../../store/gcra.ts'
import type { Rate } from '../../store/atomic.ts'
import type { MaybePromise } from '../../store/database.ts'
import type { Subject } from '../detected.ts'
import type { Digest } from './digest.ts'
import type { Signal } from './signal.ts'
import { createTable, type Table } from './table.ts'
import { createTrail } from './trail.ts'

/** What a full bucket is told. */
export interface Overflow<S extends Signal> {
  readonly key: string
  readonly signal: S
  /** How many the bucket bore, and this one. */
  readonly count: number
  /** What it was filled with last, at most 16. */
  readonly targets: () => readonly Subject[]
}

export interface BucketOptions<S extends Signal> {
  /** How many it holds: one more overflows. */
  readonly holds: number
  /** Milliseconds in which one leaks. */
  readonly leak: number
  /** What counts of signals with a value: those whose value is new for the key, or those whose value came before. @default 'new' */
  readonly counts?: 'new' | 'repeated'
  /** Milliseconds after which a value is new again. @default until the fullest bucket is empty */
  readonly remembers?: number | undefined
  /** What the bucket is filled with, for the incident. */
  readonly target?: ((signal: S) => Subject | undefined) | undefined
  readonly overflow: (over: Overflow<S>) => void
}

export interface Bucket<S extends Signal> {
  /** Pours one in, or `cost`. One that comes with a value may not count: see `counts`. */
  pour(key: string, signal: S, value?: string, cost?: number): void
  /** How many are in it now. */
  level(key: string, now: number): MaybePromise<number>
  /** Empties it. */
  empty(key: string): void
}

/** What was poured into one bucket of this process; `overflow` is for when the sum of all overflows. */
export interface Poured {
  readonly bucket: string
  readonly key: string
  /** A value of which only all processes together know whether it is new; `undefined` where it counts in any case. */
  readonly value: string | undefined
  readonly counts: 'new' | 'repeated'
  readonly remembers: number
  readonly cost: number
  readonly rate: Rate
  readonly now: number
  /** Whether this process alone has seen enough: what holds where the store does not answer. */
  readonly full: boolean
  readonly overflow: () => void
}

export interface Share {
  pour(poured: Poured): void
  level(bucket: string, key: string, rate: Rate, now: number): Promise<number>
  empty(bucket: string, key: string): void
}

interface Setting {
  readonly digest: Digest
  readonly share: Share | undefined
}

/** Places of one table of buckets, and of one of seen values. */
export const MOST_KEYS = 131_072
export const MOST_SEEN = 65_536
/** A bucket leaks empty within a year. */
const LONGEST = 365 * 86_400_000

export interface Counts {
  bucket<S extends Signal>(name: string, options: BucketOptions<S>): Bucket<S>
  readonly bytes: number
}

export function createCounts({ digest, share }: Setting): Counts {
  const tables: Table[] = []

  function table(most: number): Table {
    const made = createTable(most)
    tables.push(made)
    return made
  }

  /** Says whether a value is new for its key. */
  function seen(lives: number): (key: string, value: string, now: number) => boolean {
    let times: Table | undefined
    return (key, value, now) => {
      times ??= table(MOST_SEEN)
      digest.pair(key, value)
      const { hi, lo } = digest
      const until = times.get(hi, lo)
      times.set(hi, lo, now + lives, now)
      return until <= now
    }
  }

  function bucket<S extends Signal>(name: string, options: BucketOptions<S>): Bucket<S> {
    const { holds, leak, counts = 'new', target, overflow } = options
    const rate: Rate = { limit: holds, period: Math.min(Math.ceil(holds * leak), LONGEST) }
    const { remembers = rate.period + leak } = options
    const levels = table(MOST_KEYS)
    const isNew = seen(remembers)
    const trail = target && createTrail()

    function spill(key: string, signal: S): void {
      overflow({ key, signal, count: holds + 1, targets: () => targetsOf(key, signal) })
    }

    function targetsOf(key: string, signal: S): readonly Subject[] {
      if (trail === undefined) return []
      digest.of(key)
      return trail.of(digest.hi, digest.lo, target?.(signal))
    }

    function fill(key: string, signal: S, cost: number): boolean {
      const plan = planTake(rate, signal.time, cost)
      digest.of(key)
      const { hi, lo } = digest
      const tat = levels.get(hi, lo)
      if (!isAllowed(plan, tat)) return false
      levels.set(hi, lo, advance(plan, tat), plan.now)
      const subject = target?.(signal)
      if (subject !== undefined) trail?.note(hi, lo, subject)
      return true
    }

    return {
      pour(key, signal, value, cost = 1) {
        const now = signal.time
        const fresh = value !== undefined && isNew(key, value, now)
        if (value !== undefined && !fresh && counts === 'new') return
        // What is new here may have come before at another process.
        const first = counts === 'repeated' && fresh
        if (first && share === undefined) return
        const full = !first && !fill(key, signal, cost)
        if (share === undefined) return full ? spill(key, signal) : undefined
        const unsure = fresh ? value : undefined
        const overflow = () => spill(key, signal)
        share.pour({ bucket: name, key, value: unsure, counts, remembers, cost, rate, now, full, overflow })
      },
      level(key, now): MaybePromise<number> {
        if (share) return share.level(name, key, rate, now)
        const plan = planTake(rate, now)
        digest.of(key)
        return Math.max(0, Math.ceil((levels.get(digest.hi, digest.lo) - plan.now) / plan.interval))
      },
      empty(key) {
        digest.of(key)
        levels.delete(digest.hi, digest.lo)
        share?.empty(name, key)
      },
    }
  }

  return {
    bucket,
    get bytes() {
      return tables.reduce((sum, { bytes }) => sum + bytes, 0)
    },
  }
}
