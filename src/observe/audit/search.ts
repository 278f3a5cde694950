/**
 * Finds events, newest first, along an index of the rarest thing that is asked for (see ways.ts). SQLite's indexes of ids are in runs
 * (see schema.ts), so it is asked run by run, from the newest back.
 */
import { wholeNumber } from '../../engine/options.ts'
import { HoldfastError } from '../../engine/errors.ts'
import type { Value } from '../../store/database.ts'
import { LATE, toEvent, type AuditRow } from './rows.ts'
import { orderOf, RUN_BITS, SAMPLE, type AuditDatabase } from './schema.ts'
import type { AuditEvent, AuditFilter, AuditPage, AuditPageOptions } from './types.ts'
import { FILTERS, guidesOf, restOf, type Condition, type Guide, type Way } from './ways.ts'

type Row = AuditRow & { readonly n: number }

const PAGE = 100
const LARGEST = 500
/** Runs that are asked at once; between two questions others have their turn. */
const WIDEST = 256
const RUN = 2 ** RUN_BITS
const RUNS = `(n >> ${RUN_BITS}) IN (SELECT value FROM json_each(?)) AND`
/** Of what there are fewer, that is rare enough to look at all of it. */
const FEW = 4096
/** Nothing is counted further: of what there are more, the newest will do. */
const MANY = 65_536

export interface Search {
  search(filter: AuditFilter, page?: AuditPageOptions): Promise<AuditPage>
  count(filter: AuditFilter, most?: number): Promise<number>
  /** Oldest first, behind `after`. */
  since(
    filter: AuditFilter,
    after: number,
    limit: number,
  ): Promise<{ readonly events: readonly AuditEvent[]; readonly last: number }>
  /** The number of the latest event; 0 where there is none. */
  latest(): Promise<number>
}

export function createSearch(database: AuditDatabase): Search {
  const names = new Map<number, string>()
  const order = orderOf(database.dialect)
  const embedded = database.dialect === 'sqlite'
  const by = (index: string): string => (embedded ? `INDEXED BY ${index}` : '')

  async function shown(rows: readonly Row[]): Promise<readonly AuditEvent[]> {
    const unknown = [...new Set(rows.map(({ chain }) => chain).filter((chain) => !names.has(chain)))]
    if (unknown.length > 0) {
      const found = await database.kysely
        .selectFrom('hf_audit_chains')
        .select(['id', 'name'])
        .where('id', 'in', unknown)
        .execute()
      for (const { id, name } of found) names.set(id, name)
    }
    return rows.map((row) => toEvent(row, names.get(row.chain) ?? `unknown-${row.chain}/security`))
  }

  async function number(text: string, ...values: Value[]): Promise<number | undefined> {
    const row = await database.statement<{ n: number | null }>(text).get(...values)
    return row?.n ?? undefined
  }

  const latest = async (): Promise<number> => (await number(`SELECT max(${order}) AS n FROM hf_audit`)) ?? 0

  /**
   * Between which numbers the events of a span of time stand, and a few more, which the times themselves rule out. What was written
   * soon stands between samples that were: those that were written late say nothing of their neighbours.
   */
  async function bounds({ from, to }: AuditFilter, before: number): Promise<Bounds> {
    // `+n`: asked for the smallest, a database would walk its order instead of this index.
    const sample = `FROM hf_audit ${by('hf_audit_at')} WHERE n % ${SAMPLE} = 0 AND`
    const first = from && ((await number(`SELECT min(+n) AS n ${sample} at >= ?`, from - LATE)) ?? (await latest()) + 1)
    const last = to && ((await number(`SELECT max(+n) AS n ${sample} at < ?`, to + LATE)) ?? 0)
    const plain = embedded ? 'NOT INDEXED' : ''
    const sampled = `n % ${SAMPLE} = 0 AND ${order}`
    const [soon, next] = [
      `SELECT n FROM hf_audit ${plain} WHERE late IS NULL AND ${sampled} < ? ORDER BY ${order} DESC LIMIT 1`,
      `SELECT n FROM hf_audit ${plain} WHERE ${sampled} > ? ORDER BY ${order} LIMIT 1`,
    ]
    const low = first === undefined ? 0 : ((await number(soon, first)) ?? 0)
    const high = last === undefined ? before : ((await number(next, last)) ?? before)
    return { low, high: Math.min(high, before) }
  }

  /** Rows in descending order, at most so many; `reached` is the number down to which all was looked at. */
  async function find(filter: AuditFilter, before: number, limit: number, columns = '*'): Promise<Found> {
    const { low, high } = await bounds(filter, before)
    const found = await walk(filter, { low, high }, limit, columns)
    if (high === before) return found
    // Events that were written long after they happened stand behind all others of their time.
    const late = { index: 'hf_audit_late', text: 'late = 1', values: [] }
    const rows = await select(late, restOf(filter), { low: high, high: before }, limit, columns)
    if (rows.length >= limit) return { rows, reached: rows.at(-1)!.n }
    const all = [...rows, ...found.rows].slice(0, limit)
    return { rows: all, reached: all.length < limit ? found.reached : all.at(-1)!.n }
  }

  async function walk(filter: AuditFilter, bounds: Bounds, limit: number, columns: string): Promise<Found> {
    const guide = await guideOf(filter, bounds)
    const rest = restOf(filter, guide)
    if (embedded && guide?.rare) return await findInRuns({ ways: guide.ways, rest, bounds, limit, columns })
    const lists: Row[][] = []
    for (const way of guide?.ways ?? [undefined]) lists.push(await select(way, rest, bounds, limit, columns))
    const rows = merge(lists, limit)
    return { rows, reached: rows.length < limit ? 0 : rows.at(-1)!.n }
  }

  /** The rarest of what is asked for; where all others are plenty, the last is taken uncounted. */
  async function guideOf(filter: AuditFilter, bounds: Bounds): Promise<Guide | undefined> {
    const guides = guidesOf(filter)
    // First what is counted fast: in SQLite that are kinds, since ids are spread over the runs, in PostgreSQL ids.
    const asked = embedded ? guides.toReversed() : guides
    let best: { readonly guide: Guide | undefined; readonly size: number } = { guide: undefined, size: MANY }
    for (const guide of asked) {
      if (best.size < FEW) break
      if (best.guide === undefined && guide === asked.at(-1)) return guide
      const size = await sizeOf(guide, bounds, best.size)
      if (size < best.size) best = { guide, size }
    }
    return best.guide
  }

  /** How many events there are of it, counted up to `most`. */
  async function sizeOf({ ways, rare }: Guide, bounds: Bounds, most: number): Promise<number> {
    const [run, runs] = embedded && rare ? [RUNS, await runsOf(bounds)] : ['', [undefined]]
    let size = 0
    for (const asking of runs) {
      for (const { index, text, values } of ways) {
        const from = `hf_audit ${by(index)} WHERE ${run} ${text} AND n >= ? AND n < ?`
        const count = `SELECT count(*) AS n FROM (SELECT 1 FROM ${from} LIMIT ?) AS found`
        const given = [...(asking === undefined ? [] : [asking]), ...values, bounds.low, bounds.high, most - size]
        size += (await number(count, ...given)) ?? 0
        if (size >= most) return size
      }
      if (asking !== undefined) await new Promise(setImmediate)
    }
    return size
  }

  async function select(
    way: Way | undefined,
    rest: readonly Condition[],
    { low, high }: Bounds,
    limit: number,
    columns: string,
  ): Promise<Row[]> {
    const n = way === undefined ? order : 'n'
    const conditions = [...(way ? [way] : []), ...rest, { text: `${n} >= ? AND ${n} < ?`, values: [low, high] }]
    const where = conditions.map(({ text }) => text).join(' AND ')
    const from = `hf_audit ${way ? by(way.index) : ''}`
    const statement = database.statement<Row>(`SELECT ${columns} FROM ${from} WHERE ${where} ORDER BY ${n} DESC LIMIT ?`)
    return await statement.all(...conditions.flatMap(({ values }) => values), limit)
  }

  async function findInRuns(asked: RunQuery): Promise<Found> {
    const { ways, rest, bounds, limit, columns } = asked
    const rows: Row[] = []
    const statements = ways.map((way) => {
      const where = [`${RUNS} ${way.text}`, 'n >= ? AND n < ?', ...rest.map(({ text }) => text)].join(' AND ')
      const text = `SELECT ${columns} FROM hf_audit ${by(way.index)} WHERE ${where} ORDER BY n DESC LIMIT ?`
      return { all: database.statement<Row>(text).all, values: way.values }
    })
    const values = rest.flatMap((one) => one.values)
    for (const asking of await runsOf(bounds)) {
      const found: Row[][] = []
      for (const one of statements) found.push(await one.all(asking, ...one.values, bounds.low, bounds.high, ...values, limit))
      for (const row of merge(found, limit - rows.length)) rows.push(row)
      if (rows.length >= limit) return { rows, reached: rows.at(-1)!.n }
      await new Promise(setImmediate)
    }
    return { rows, reached: 0 }
  }

  /**
   * The runs from the newest back, as lists to be asked at once. Few first, in which somebody who is everywhere fills the page; then
   * more, since each question has a price of its own.
   */
  async function runsOf({ low, high }: Bounds): Promise<readonly string[]> {
    const newest = Math.floor(Math.min(high - 1, await latest()) / RUN)
    const oldest = Math.max(0, Math.floor(low / RUN))
    const lists: string[] = []
    for (let [run, width] = [newest, 1]; run >= oldest; run -= width, width = Math.min(width * 4, WIDEST))
      lists.push(JSON.stringify(Array.from({ length: Math.min(width, run - oldest + 1) }, (_, index) => run - index)))
    return lists
  }

  return {
    latest,
    async search(filter, { limit = PAGE, before } = {}) {
      checkFilter(filter)
      const count = wholeNumber('limit', limit, 1, LARGEST)
      const { rows, reached } = await find(filter, readCursor(before), count)
      return { events: await shown(rows), ...(reached > 0 && { next: String(reached) }) }
    },
    async count(filter, most = 10_000) {
      checkFilter(filter)
      const { rows } = await find(filter, Number.MAX_SAFE_INTEGER, wholeNumber('most', most, 1, 1_000_000), 'n')
      return rows.length
    },
    async since(filter, after, limit) {
      checkFilter(filter)
      const conditions = [...restOf(filter), { text: `${order} > ?`, values: [after] }]
      const where = conditions.map(({ text }) => text).join(' AND ')
      const statement = database.statement<Row>(`SELECT * FROM hf_audit WHERE ${where} ORDER BY ${order} LIMIT ?`)
      const rows = await statement.all(...conditions.flatMap(({ values }) => values), limit)
      return { events: await shown(rows), last: rows.at(-1)?.n ?? after }
    },
  }
}

interface Bounds {
  readonly low: number
  /** Exclusive. */
  readonly high: number
}

interface Found {
  readonly rows: readonly Row[]
  /** Down to this number all was looked at; 0 at the end. */
  readonly reached: number
}

interface RunQuery {
  readonly ways: readonly Way[]
  readonly rest: readonly Condition[]
  readonly bounds: Bounds
  readonly limit: number
  readonly columns: string
}

/** Lists in descending order as one, without doubles. */
function merge(lists: readonly (readonly Row[])[], limit: number): Row[] {
  if (lists.length === 1) return lists[0]!.slice(0, limit)
  const all = new Map(lists.flat().map((row) => [row.n, row]))
  return [...all.values()].toSorted((a, b) => b.n - a.n).slice(0, limit)
}

export function readCursor(text: string | undefined): number {
  if (text === undefined) return Number.MAX_SAFE_INTEGER
  if (/^(?:0|[1-9]\d{0,15})$/.test(text)) return Number(text)
  throw new HoldfastError('HF_OPTION_INVALID', 'That is no cursor of the audit log.', { fix: 'Give `next` of the page before.' })
}

/** A filter that is misspelt would find everything. */
function checkFilter(filter: AuditFilter): void {
  for (const [name, value] of Object.entries(filter)) {
    const wanted = name === 'from' || name === 'to' ? 'number' : 'string'
    if (FILTERS.includes(name) && (value === undefined || typeof value === wanted)) continue
    throw new HoldfastError('HF_OPTION_INVALID', `The audit log cannot be searched by ${JSON.stringify(name)} as it was given.`, {
      fix: `Give one of ${FILTERS.join(', ')}.`,
    })
  }
}
