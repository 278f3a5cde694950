/** What the buckets were filled with last, for the incident: what it shows, never what is counted. */
import type { Subject } from '../detected.ts'

/** Of one bucket, all keys together. What overflows is not noted here, so that one key alone cannot push out the others. */
const MOST = 2048
/** Of one key. */
const MOST_TARGETS = 16

export interface Trail {
  note(hi: number, lo: number, target: Subject): void
  /** The last ones of a key that differ, and `newest` after them. Looks at all there are: to be asked when something is told. */
  of(hi: number, lo: number, newest: Subject | undefined): Subject[]
}

/** Writes over the oldest: a key that is met once costs a place in a row, and no list of its own. */
export function createTrail(): Trail {
  const keys = new Int32Array(MOST * 2)
  const targets: (Subject | undefined)[] = []
  let next = 0

  return {
    note(hi, lo, target) {
      keys[next * 2] = hi
      keys[next * 2 + 1] = lo
      targets[next] = target
      next = (next + 1) % MOST
    },
    of(hi, lo, newest) {
      const found = new Map<string, Subject>()
      if (newest !== undefined) found.set(`${newest.kind} ${newest.value}`, newest)
      for (let back = 1; back <= MOST && found.size < MOST_TARGETS; back++) {
        const place = (next - back + MOST) % MOST
        const target = targets[place]
        if (target === undefined) break
        if (keys[place * 2] === hi && keys[place * 2 + 1] === lo) found.set(`${target.kind} ${target.value}`, target)
      }
      return [...found.values()].toReversed()
    },
  }
}
