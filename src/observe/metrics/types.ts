/** What a metric is, and what those who have something to measure are given. */

/** How a metric is named and explained. */
export interface Naming<Label extends string = string> {
  /** Lower-case words with `_`, the unit at the end: `app_queue_wait_seconds`. That of a counter ends in `_total`. */
  readonly name: string
  /** What it counts, in a sentence. */
  readonly help: string
  /** Names of its labels. Give values that are few and your own: never an id, an address or what somebody typed. @default none */
  readonly labels?: readonly Label[]
  /** How many sets of label values are kept; all others are counted under `other`. @default 200 */
  readonly most?: number
}

export interface HistogramNaming<Label extends string = string> extends Naming<Label> {
  /** Upper bounds, ascending. @default from a millisecond to ten seconds */
  readonly buckets?: readonly number[]
}

/** One number, or one for each set of label values; nothing where it is not known now. */
export type Reading = number | undefined | readonly (readonly [values: readonly string[], value: number])[]

export interface ReadNaming<Label extends string = string> extends Naming<Label> {
  /** Asked when somebody scrapes, at most every `every` milliseconds, and never in a request of the application. */
  readonly read?: () => Reading | Promise<Reading>
  /** Milliseconds for which a reading is used again. @default 5000 */
  readonly every?: number
}

/** Goes up only. */
export interface Counter {
  /** Adds one, or `by`. */
  add(values?: readonly string[], by?: number): void
  /** The same for one set of values, found once: for what is counted very often. */
  for(values: readonly string[]): { add(by?: number): void }
}

export interface Gauge {
  set(value: number, values?: readonly string[]): void
}

export interface Histogram {
  observe(value: number, values?: readonly string[]): void
  /** The same for one set of values, found once: for what is measured very often. */
  for(values: readonly string[]): { observe(value: number): void }
}

export type Kind = 'counter' | 'gauge' | 'histogram'

/** What a histogram has seen of one set of label values. */
export interface Distribution {
  /** One for each bucket, and one for what is above all: not added up. */
  readonly counts: readonly number[]
  readonly sum: number
  readonly count: number
}

/** One metric as it is now. */
export interface Family {
  readonly kind: Kind
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  /** Of a histogram. */
  readonly buckets: readonly number[]
  /** Numbers, or of a histogram distributions. */
  readonly samples: readonly (readonly [values: readonly string[], value: number | Distribution])[]
}

/** Where parts and the application register what they measure. */
export interface Metrics {
  /** With `read` what it gives must only go up, and nothing can be added. */
  counter(naming: ReadNaming): Counter
  gauge(naming: ReadNaming): Gauge
  histogram(naming: HistogramNaming): Histogram
  /** Every metric as it is now. A reading that fails or takes too long is left out and counted. */
  collect(): Promise<readonly Family[]>
  /** As text for a scraper, in the format that `accept` (the field of its request) asks for. */
  render(accept?: string): Promise<{ readonly type: string; readonly body: string }>
  /** Calls back with each metric, those that exist and those to come. */
  each(tell: (metric: Declared) => void): void
}

/** A metric without its numbers, and how to get them. */
export interface Declared {
  readonly kind: Kind
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly buckets: readonly number[]
  /** The numbers now. */
  samples(): Family['samples'] | Promise<Family['samples']>
}
