/**
 * Leaky buckets and counts of what differs: the limiter's arithmetic (`store/gcra.ts`) over tables of a fixed size. What is poured here is
 * passed on to `share`, which sums it with what the other processes see.
 */
import { advance, isAllowed, planTake } from '../../store/gcra.ts'
import type { Rate } from '../../store/atomic.ts'
import type { MaybePromise } from '../../store/database.ts'
import type { Subject } from '../detected.ts'
import type { Bucket, BucketOptions } from './definition.ts'
import type { Digest } from './digest.ts'
import type { Signal } from './signal.ts'
import { createTable } from './table.ts'

/** What was poured into one bucket of this process; `overflow` is for when the sum of all overflows. */
export interface Poured {
  readonly bucket: string
  readonly key: string
  readonly value: string | undefined
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
const MOST_TARGETS = 16
const MOST_LISTS = 512

export interface Counts {
  seen(lives: number): (key: string, value: string, now: number) => boolean
  bucket<S extends Signal>(name: string, options: BucketOptions<S>): Bucket<S>
  readonly bytes: number
}

export function createCounts({ digest, share }: Setting): Counts {
  const tables: { readonly bytes: number }[] = []

  function table(most: number) {
    const made = createTable(most)
    tables.push(made)
    return made
  }

  function seen(lives: number): (key: string, value: string, now: number) => boolean {
    let times: ReturnType<typeof createTable> | undefined
    return (key, value, now) => {
      times ??= table(MOST_SEEN)
      digest.of(key, value)
      const { hi, lo } = digest
      const until = times.get(hi, lo)
      times.set(hi, lo, now + lives, now)
      return until <= now
    }
  }

  function bucket<S extends Signal>(name: string, { holds, leak, target, overflow }: BucketOptions<S>): Bucket<S> {
    const rate: Rate = { limit: holds, period: Math.min(Math.ceil(holds * leak), LONGEST) }
    const levels = table(MOST_KEYS)
    const differs = seen(rate.period + leak)
    const targets = createTargets()

    function spill(key: string, signal: S): void {
      overflow({ key, signal, targets: targets.of(key), count: holds + 1 })
    }

    return {
      pour(key, signal, value, cost = 1) {
        const now = signal.time
        const subject = target?.(signal)
        if (subject !== undefined) targets.note(key, subject)
        if (value !== undefined && !differs(key, value, now)) return
        const plan = planTake(rate, now, cost)
        digest.of(key)
        const tat = levels.get(digest.hi, digest.lo)
        const fits = isAllowed(plan, tat)
        if (fits) levels.set(digest.hi, digest.lo, advance(plan, tat), plan.now)
        if (share) share.pour({ bucket: name, key, value, cost, rate, now, full: !fits, overflow: () => spill(key, signal) })
        else if (!fits) spill(key, signal)
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
    seen,
    get bytes() {
      return tables.reduce((sum, { bytes }) => sum + bytes, 0)
    },
  }
}

/**
 * The last few different targets of the keys that were met last: what an incident shows, never what is counted. Two generations: the older
 * one is dropped whole, since taking out one after the other costs more than all the counting.
 */
function createTargets() {
  let young = new Map<string, Subject[]>()
  let old = new Map<string, Subject[]>()

  function listOf(key: string): Subject[] {
    const known = young.get(key)
    if (known) return known
    const list = old.get(key) ?? []
    if (young.size >= MOST_LISTS) {
      old = young
      young = new Map()
    }
    young.set(key, list)
    return list
  }

  return {
    of: (key: string): readonly Subject[] => [...(young.get(key) ?? old.get(key) ?? [])],
    note(key: string, subject: Subject): void {
      const list = listOf(key)
      if (list.some(({ kind, value }) => value === subject.value && kind === subject.kind)) return
      if (list.push(subject) > MOST_TARGETS) list.shift()
    },
  }
}
