/**
 * Finds events, newest first. PostgreSQL walks an index of the rarest thing that is asked for. SQLite's indexes of rare things are in
 * runs (see schema.ts), so it is asked run by run, from the newest back.
 */
import { wholeNumber } from '../../engine/options.ts'
import { HoldfastError } from '../../engine/errors.ts'
import type { Value } from '../../store/database.ts'
import { LATE, toEvent, type AuditRow } from './rows.ts'
import { RUN_BITS, type AuditDatabase } from './schema.ts'
import type { AuditEvent, AuditFilter, AuditPage, AuditPageOptions } from './types.ts'

type Row = AuditRow & { readonly n: number }

/** A piece of WHERE with its values. */
interface Condition {
  readonly text: string
  readonly values: readonly Value[]
}

const PAGE = 100
const LARGEST = 500
/** Runs that are asked at once; between two questions others have their turn. */
const WIDEST = 256
const RUN = 2 ** RUN_BITS
/** Of so many events the time of one is indexed by itself in SQLite. */
const SAMPLE = 256

const RARE = {
  requestId: ['request_id'],
  session: ['session'],
  apiKey: ['api_key'],
  user: ['user_id', 'actor_id'],
  client: ['client'],
} as const
const COMMON = { type: 'type', level: 'level', control: 'control' } as const
const NAMES: readonly string[] = [...Object.keys(RARE), ...Object.keys(COMMON), 'from', 'to']

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

  const latest = async (): Promise<number> => (await number('SELECT max(n) AS n FROM hf_audit')) ?? 0

  /** Between which numbers the events of a span of time stand, and a few more, which the times themselves rule out. */
  async function bounds({ from, to }: AuditFilter, before: number): Promise<Bounds> {
    if (database.dialect === 'postgres' || (from === undefined && to === undefined)) return { low: 0, high: before }
    const newest = await latest()
    // `+n`: asked for the smallest, SQLite would walk the whole table in its order.
    const first =
      from &&
      (await number('SELECT min(+n) AS n FROM hf_audit INDEXED BY hf_audit_at WHERE n % 256 = 0 AND at >= ?', from - LATE))
    const last =
      to && (await number('SELECT max(+n) AS n FROM hf_audit INDEXED BY hf_audit_at WHERE n % 256 = 0 AND at < ?', to + LATE))
    const low = from === undefined ? 0 : (first ?? newest) - SAMPLE
    const high = to === undefined ? before : (last ?? 0) + SAMPLE + 1
    return { low: Math.max(low, 0), high: Math.min(high, before) }
  }

  /** Rows in descending order, at most so many; `reached` is the number down to which all was looked at. */
  async function find(filter: AuditFilter, before: number, limit: number, columns = '*'): Promise<Found> {
    const { low, high } = await bounds(filter, before)
    if (high < before) {
      // Events that were written long after they happened stand behind all others of their time.
      const conditions = [...conditionsOf(filter, undefined), { text: 'late = 1', values: [] }, between(high, before)]
      const late = await select(conditions, limit, columns, 'INDEXED BY hf_audit_late')
      if (late.length >= limit) return { rows: late, reached: late.at(-1)!.n }
      const { rows, reached } = await walk(filter, { low, high }, limit - late.length, columns)
      return { rows: [...late, ...rows], reached }
    }
    return await walk(filter, { low, high }, limit, columns)
  }

  async function walk(filter: AuditFilter, { low, high }: Bounds, limit: number, columns: string): Promise<Found> {
    const rare = rareOf(filter)
    const rest = conditionsOf(filter, rare)
    if (rare === undefined || database.dialect === 'postgres') {
      const all = rare ? rare.columns.map((column) => ({ text: `${column} = ?`, values: [rare.value] })) : [undefined]
      const lists = all.map((one) => select([...(one ? [one] : []), ...rest, between(low, high)], limit, columns))
      const rows = merge(await Promise.all(lists), limit)
      return { rows, reached: rows.length < limit ? 0 : rows.at(-1)!.n }
    }
    return await findInRuns({ rare, rest, low, high, limit, columns })
  }

  async function select(conditions: readonly Condition[], limit: number, columns: string, index = ''): Promise<Row[]> {
    const where = conditions.map(({ text }) => text).join(' AND ')
    const statement = database.statement<Row>(`SELECT ${columns} FROM hf_audit ${index} WHERE ${where} ORDER BY n DESC LIMIT ?`)
    return await statement.all(...conditions.flatMap(({ values }) => values), limit)
  }

  async function findInRuns(asked: RunQuery): Promise<Found> {
    const { rare, rest, low, high, limit, columns } = asked
    const rows: Row[] = []
    const statements = rare.columns.map((column) => {
      const runs = `(n >> ${RUN_BITS}) IN (SELECT value FROM json_each(?))`
      const where = [runs, `${column} = ?`, 'n >= ? AND n < ?', ...rest.map(({ text }) => text)].join(' AND ')
      const text = `SELECT ${columns} FROM hf_audit INDEXED BY hf_audit_${column} WHERE ${where} ORDER BY n DESC LIMIT ?`
      return database.statement<Row>(text)
    })
    const values = rest.flatMap((one) => one.values)
    const newest = Math.floor(Math.min(high - 1, await latest()) / RUN)
    const oldest = Math.max(0, Math.floor(low / RUN))
    // Few runs first, in which somebody who is everywhere fills the page; then more at once, since each question has a price of its own.
    for (let [run, width] = [newest, 1]; run >= oldest; run -= width, width = Math.min(width * 4, WIDEST)) {
      const asking = JSON.stringify(Array.from({ length: Math.min(width, run - oldest + 1) }, (_, index) => run - index))
      const found: Row[][] = []
      for (const one of statements) found.push(await one.all(asking, rare.value, low, high, ...values, limit))
      rows.push(...merge(found, limit - rows.length))
      if (rows.length >= limit) return { rows, reached: rows.at(-1)!.n }
      await new Promise(setImmediate)
    }
    return { rows, reached: 0 }
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
      const conditions = [...conditionsOf(filter, undefined), { text: 'n > ?', values: [after] }]
      const where = conditions.map(({ text }) => text).join(' AND ')
      const statement = database.statement<Row>(`SELECT * FROM hf_audit WHERE ${where} ORDER BY n LIMIT ?`)
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
  readonly rare: Rare
  readonly rest: readonly Condition[]
  readonly low: number
  readonly high: number
  readonly limit: number
  readonly columns: string
}

interface Rare {
  readonly name: keyof typeof RARE
  readonly columns: readonly string[]
  readonly value: string
}

/** What is asked for that fewest events have. */
function rareOf(filter: AuditFilter): Rare | undefined {
  const name = (Object.keys(RARE) as (keyof typeof RARE)[]).find((one) => filter[one] !== undefined)
  return name && { name, columns: RARE[name], value: filter[name]! }
}

/** Everything else that must hold. */
function conditionsOf(filter: AuditFilter, rare: Rare | undefined): Condition[] {
  const others = (Object.keys(RARE) as (keyof typeof RARE)[]).filter((name) => name !== rare?.name && filter[name] !== undefined)
  return [
    ...others.map((name) => ({
      text: `(${RARE[name].map((column) => `${column} = ?`).join(' OR ')})`,
      values: RARE[name].map(() => filter[name]!),
    })),
    ...(Object.keys(COMMON) as (keyof typeof COMMON)[]).flatMap((name) =>
      filter[name] === undefined ? [] : [{ text: `${COMMON[name]} = ?`, values: [filter[name]] }],
    ),
    ...(filter.from === undefined ? [] : [{ text: 'at >= ?', values: [filter.from] }]),
    ...(filter.to === undefined ? [] : [{ text: 'at < ?', values: [filter.to] }]),
  ]
}

function between(low: number, high: number): Condition {
  return { text: 'n >= ? AND n < ?', values: [low, high] }
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
    if (NAMES.includes(name) && (value === undefined || typeof value === wanted)) continue
    throw new HoldfastError('HF_OPTION_INVALID', `The audit log cannot be searched by ${JSON.stringify(name)} as it was given.`, {
      fix: `Give one of ${NAMES.join(', ')}.`,
    })
  }
}
