/**
 * The series of one metric, never more than so many: what would be one more is counted under `other`. A client that can invent a label
 * value could otherwise fill the memory of this process and of whoever scrapes it (CWE-770).
 */
import { escapeUnsafe } from '../safe-text.ts'

/** What all further label sets are counted under. */
export const OTHER = 'other'
const LONGEST = 120
const SEPARATOR = '\u0000'

export interface LabelSets<Series> {
  /** The series of these values, made at first; the one of `other` when there are too many. */
  of(values: readonly string[]): Series
  /** Sorted by nothing: in the order in which they came. */
  all(): Iterable<readonly [values: readonly string[], series: Series]>
  /** How often a set was counted under `other` because there were too many. */
  readonly folded: number
}

/** `most`: how many there may be beside the one of `other`. */
export function createLabelSets<Series>(count: number, most: number, make: () => Series): LabelSets<Series> {
  const known = new Map<string, readonly [readonly string[], Series]>()
  const others = Array.from({ length: count }, () => OTHER)
  let folded = 0

  function add(key: string, values: readonly string[]): Series {
    if (values.length !== count) throw new TypeError(`This metric has ${count} labels, got ${values.length}.`)
    if (known.size >= most && values !== others) {
      folded++
      return known.get(others.join(SEPARATOR))?.[1] ?? add(others.join(SEPARATOR), others)
    }
    const series = make()
    known.set(key, [values === others ? others : values.map(printable), series])
    return series
  }

  return {
    of(values) {
      const key = values.length === 1 ? values[0]! : values.join(SEPARATOR)
      return known.get(key)?.[1] ?? add(key, values)
    },
    all: () => known.values(),
    get folded() {
      return folded
    },
  }
}

function printable(value: string): string {
  return escapeUnsafe(value.length > LONGEST ? value.slice(0, LONGEST) : value)
}
