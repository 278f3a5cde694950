/**
 * What detections are made of. Four shapes: too many of something (`overflow`), one that is enough (`once`), so many of one and then
 * another (`sequence`), and what is unusual for somebody (`baseline`). A shape turns a rule into what looks at each signal.
 */
import type { Severity, Subject } from '../detected.ts'
import type { Counts, Overflow } from './counts.ts'
import type { Memos } from './memos.ts'
import type { Place } from './places.ts'
import type { Signal } from './signal.ts'

/** Looks at one signal. What it returns matters only if it is a promise: somebody waits for it. */
export type Watch<S extends Signal> = (signal: S) => unknown

/** What is said when it fires. */
export interface Telling {
  /** One sentence with the figures, without a full stop's worth of advice. */
  readonly why: string
  /** Who did it. @default the client */
  readonly actors?: readonly Subject[]
  /** What it was aimed at. @default the targets of the rule, where it has any */
  readonly targets?: readonly Subject[] | undefined
  /** @default the number of targets */
  readonly targetCount?: number | undefined
  /** @default the detection's */
  readonly severity?: Severity
  /** @default the detection's */
  readonly automatic?: readonly string[]
}

/** Too many for one key: a leaky bucket that overflows. */
export interface OverflowRule<S extends Signal> {
  /** How many are borne at once: one more overflows. */
  readonly holds: number
  /** Milliseconds in which one is forgotten. */
  readonly leak: number
  /** Whose bucket the signal goes to; `undefined`: it does not count. */
  readonly by: (signal: S) => string | undefined
  /** Only what is new for the key counts. Where this is `undefined` it counts in any case. */
  readonly differ?: (signal: S) => string | undefined
  /** Only what came before for the key counts. Where this is `undefined` it counts in any case. */
  readonly repeat?: (signal: S) => string | undefined
  /** Milliseconds after which what differs, or repeats, is new again. @default until the fullest bucket is empty */
  readonly remembers?: number
  /** How many it counts as. @default 1 */
  readonly cost?: (signal: S) => number
  /** Whose bucket it empties. */
  readonly empties?: (signal: S) => string | undefined
  /** What was tried, for the incident. */
  readonly target?: (signal: S) => Subject | undefined
  /** Told apart from the same key of the detection's other rules by this. @default nothing */
  readonly kind?: string
  /** What must hold besides. */
  readonly when?: () => boolean
  readonly tell: (over: Overflow<S>) => Telling
}

/** One is enough; the same key is told once a while. */
export interface OnceRule<S extends Signal> {
  /** What quiet goes by, usually who did it; `undefined`: it does not count. */
  readonly by: (signal: S) => string | undefined
  readonly tell: (signal: S, key: string) => Telling
}

/** Something happens after so many others of the same key. */
export interface SequenceRule<S extends Signal> {
  /** How many of the first there must be. */
  readonly least: number
  /** Milliseconds in which one of them is forgotten. */
  readonly leak: number
  readonly first: (signal: S) => string | undefined
  /** What comes after them; with it the count begins anew. */
  readonly next: (signal: S) => string | undefined
  /** `many`: how many of the first there were. */
  readonly tell: (signal: S, key: string, many: number) => Telling
}

/** What is kept of a key, as a short text, and whether this signal was unlike it. */
export interface Judged {
  /** `undefined` or what stood there before changes nothing. */
  readonly keep: string | undefined
  /** `key`: what quiet goes by. @default the rule's key */
  readonly tell?: (Telling & { readonly key?: string }) | undefined
}

/** What is usual for a key, learned from each signal; it outlives the process. */
export interface BaselineRule<S extends Signal> {
  /** Milliseconds after the last change in which it is forgotten. */
  readonly lives: number
  readonly by: (signal: S) => string | undefined
  readonly judge: (signal: S, before: string | undefined, key: string) => Judged
}

export interface Shapes<S extends Signal> {
  overflow(rule: OverflowRule<S>): Watch<S>
  once(rule: OnceRule<S>): Watch<S>
  sequence(rule: SequenceRule<S>): Watch<S>
  baseline(rule: BaselineRule<S>): Watch<S>
}

/** What a detection works with. */
export interface Tools<T, S extends Signal> extends Shapes<S> {
  readonly thresholds: T
  /** The application's own origin. */
  readonly site: string
  /** Beginnings of paths that are for administrators. */
  readonly adminPaths: readonly string[]
  /** Where an address is; nothing without a database of places. */
  readonly locate: (address: string | undefined) => Place | undefined
}

interface Setting {
  /** The detection's. */
  readonly name: string
  readonly counts: Counts
  readonly memos: Memos
  /** Tells it once a while for a key; `telling` is only asked when it is told. */
  readonly fire: (key: string, signal: Signal, telling: () => Telling) => void
}

export function createShapes<S extends Signal>({ name, counts, memos, fire }: Setting): Shapes<S> {
  let buckets = 0
  /** What several processes know a bucket by. */
  const nextName = () => `${name}:${buckets++}`

  function overflow(rule: OverflowRule<S>): Watch<S> {
    const { holds, leak, by, differ, repeat = differ, remembers, cost, empties, target, kind = '', when, tell } = rule
    const bucket = counts.bucket<S>(nextName(), {
      ...{ holds, leak, remembers, target },
      counts: rule.repeat === undefined ? 'new' : 'repeated',
      overflow(over) {
        if (when !== undefined && !when()) return
        fire(kind === '' ? over.key : `${kind} ${over.key}`, over.signal, () => ({ targets: over.targets(), ...tell(over) }))
      },
    })
    return (signal) => {
      const emptied = empties?.(signal)
      if (emptied !== undefined) bucket.empty(emptied)
      const key = by(signal)
      if (key !== undefined) bucket.pour(key, signal, repeat?.(signal), cost?.(signal))
    }
  }

  function once({ by, tell }: OnceRule<S>): Watch<S> {
    return (signal) => {
      const key = by(signal)
      if (key !== undefined) fire(key, signal, () => tell(signal, key))
    }
  }

  function sequence({ least, leak, first, next, tell }: SequenceRule<S>): Watch<S> {
    const bucket = counts.bucket<S>(nextName(), { holds: least * 20, leak, overflow: () => undefined })

    function judge(signal: S, key: string, many: number): void {
      bucket.empty(key)
      if (many >= least) fire(key, signal, () => tell(signal, key, many))
    }

    return (signal) => {
      const one = first(signal)
      if (one !== undefined) bucket.pour(one, signal)
      const key = next(signal)
      if (key === undefined) return
      const many = bucket.level(key, signal.time)
      return typeof many === 'number' ? judge(signal, key, many) : many.then((sum) => judge(signal, key, sum))
    }
  }

  function baseline({ lives, by, judge }: BaselineRule<S>): Watch<S> {
    const memo = memos.memo(name, lives)
    return (signal) => {
      const key = by(signal)
      if (key === undefined) return
      memo.update(key, signal.time, (before) => {
        const { keep, tell } = judge(signal, before, key)
        if (tell !== undefined) fire(tell.key ?? key, signal, () => tell)
        return keep
      })
    }
  }

  return { overflow, once, sequence, baseline }
}
