/**
 * Counters, gauges and histograms with bounded label sets. Counting is an addition to a number that is found by its labels; all else
 * (adding up buckets, reading gauges, writing text) is done when somebody scrapes.
 */
import { createLabelSets } from './label-sets.ts'
import { renderText } from './exposition.ts'
import { createReading } from './reading.ts'
import type {
  Counter,
  Declared,
  Distribution,
  Family,
  Gauge,
  Histogram,
  HistogramNaming,
  Kind,
  Metrics,
  Naming,
  ReadNaming,
} from './types.ts'

/** Seconds. */
export const DURATION_BUCKETS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const MOST_SETS = 200
const MOST_METRICS = 500
/** Milliseconds for which a reading is used again. */
const READ_EVERY = 5000
const NAME = /^[a-z][a-z0-9_]{0,99}$/

export interface MetricsSetting {
  /** Milliseconds that do not go back; paces readings. @default performance.now */
  readonly now?: () => number
  /** Told of readings that failed. @default nobody */
  readonly onFault?: (error: unknown) => void
}

interface Totals {
  value: number
}

interface Seen {
  readonly counts: number[]
  sum: number
  count: number
}

/** Makes an empty registry, which counts by itself what it had to leave out. */
export function createMetrics({ now = () => performance.now(), onFault = () => {} }: MetricsSetting = {}): Metrics {
  const known = new Map<string, Declared>()
  const listeners: ((metric: Declared) => void)[] = []
  const folds: (readonly [name: string, folded: () => number])[] = []
  const unread = counter({
    name: 'holdfast_metrics_unread_total',
    help: 'Readings of gauges that failed.',
    labels: ['metric'],
    most: MOST_METRICS,
  })
  gauge({
    name: 'holdfast_metrics_folded',
    help: 'How often a set of labels was counted under "other", because its metric has too many.',
    labels: ['metric'],
    every: 0,
    read: () => folds.filter(([, folded]) => folded() > 0).map(([name, folded]) => [[name], folded()] as const),
  })

  function declare(kind: Kind, naming: Naming, rest: Pick<Declared, 'samples'> & { readonly buckets?: readonly number[] }): void {
    const { name, help, labels = [] } = naming
    checkNaming(kind, naming)
    if (known.has(name)) throw new TypeError(`There is a metric "${name}" already.`)
    if (known.size >= MOST_METRICS) throw new TypeError(`There are ${MOST_METRICS} metrics, and no more are kept.`)
    const metric = { kind, name, help, labels, buckets: rest.buckets ?? [], samples: rest.samples }
    known.set(name, metric)
    for (const tell of listeners) tell(metric)
  }

  function setsOf<Series>({ name, labels = [], most = MOST_SETS }: Naming, make: () => Series) {
    const sets = createLabelSets(labels.length, most, make)
    folds.push([name, () => sets.folded])
    return sets
  }

  /** What somebody else counts is asked for; all else is kept here. Gives the series of some labels, for who sets or adds. */
  function numbers(kind: 'counter' | 'gauge', naming: ReadNaming): (values: readonly string[]) => Totals {
    const { read, every = READ_EVERY, name } = naming
    if (read) {
      const fail = (error: unknown) => {
        unread.add([name])
        onFault(error)
      }
      declare(kind, naming, { samples: bounded(createReading({ read, every, now, onFault: fail }), naming) })
      return () => {
        throw new TypeError(`"${name}" is read when somebody asks; it cannot be set.`)
      }
    }
    const sets = setsOf<Totals>(naming, () => ({ value: 0 }))
    // A counter without labels is there from the start: a rate over it needs the zero.
    if (kind === 'counter' && (naming.labels ?? []).length === 0) sets.of([])
    declare(kind, naming, { samples: () => [...sets.all()].map(([values, { value }]) => [values, value] as const) })
    return sets.of
  }

  function counter(naming: ReadNaming): Counter {
    const series = numbers('counter', naming)
    function raise(totals: Totals, by: number): void {
      if (!(by >= 0)) throw new TypeError(`A counter goes up only; "${naming.name}" was given ${by}.`)
      totals.value += by
    }
    return {
      add: (values = [], by = 1) => raise(series(values), by),
      for(values) {
        const totals = series(values)
        return { add: (by = 1) => raise(totals, by) }
      },
    }
  }

  function gauge(naming: ReadNaming): Gauge {
    const series = numbers('gauge', naming)
    return { set: (value, values = []) => void (series(values).value = value) }
  }

  function histogram(naming: HistogramNaming): Histogram {
    const { buckets = DURATION_BUCKETS } = naming
    const sets = setsOf<Seen>(naming, () => ({ counts: Array.from({ length: buckets.length + 1 }, () => 0), sum: 0, count: 0 }))
    if (buckets.length === 0 || buckets.some((bound, index) => index > 0 && !(bound > buckets[index - 1]!)))
      throw new TypeError(`The buckets of "${naming.name}" do not ascend.`)
    declare('histogram', naming, {
      buckets,
      samples: () => [...sets.all()] as readonly (readonly [readonly string[], Distribution])[],
    })
    return {
      observe: (value, values = []) => note(sets.of(values), buckets, value),
      for(values) {
        const seen = sets.of(values)
        return { observe: (value) => note(seen, buckets, value) }
      },
    }
  }

  async function collect(): Promise<readonly Family[]> {
    return Promise.all([...known.values()].map(async (metric) => ({ ...metric, samples: await metric.samples() })))
  }

  return {
    counter,
    gauge,
    histogram,
    collect,
    render: async (accept) => renderText(await collect(), accept),
    each(tell) {
      for (const metric of known.values()) tell(metric)
      listeners.push(tell)
    },
  }
}

function note(seen: Seen, buckets: readonly number[], value: number): void {
  if (!Number.isFinite(value)) return
  let index = 0
  while (index < buckets.length && value > buckets[index]!) index++
  seen.counts[index]!++
  seen.sum += value
  seen.count++
}

/** A reading may say more than anybody wants to keep. */
function bounded(read: () => Promise<Family['samples']>, { labels = [], most = MOST_SETS }: Naming): Declared['samples'] {
  return async () => (await read()).filter(([values]) => values.length === labels.length).slice(0, most)
}

function checkNaming(kind: Kind, { name, help, labels = [], most = 1 }: Naming): void {
  if (!NAME.test(name)) throw new TypeError(`A metric has a name such as "app_jobs_total", got ${JSON.stringify(name)}.`)
  if ((kind === 'counter') !== name.endsWith('_total'))
    throw new TypeError(`"${name}": counters end in "_total", and nothing else does.`)
  if (kind === 'histogram' && /_(?:bucket|sum|count)$/.test(name))
    throw new TypeError(`"${name}" ends like a part of a histogram.`)
  if (help.trim() === '') throw new TypeError(`"${name}" says nothing about itself.`)
  for (const label of labels) {
    if (!NAME.test(label) || label === 'le') throw new TypeError(`"${label}" cannot be a label of "${name}".`)
  }
  if (new Set(labels).size !== labels.length) throw new TypeError(`"${name}" has a label twice.`)
  if (!Number.isSafeInteger(most) || most < 1) throw new TypeError(`"${name}" keeps ${most} sets of labels.`)
}
