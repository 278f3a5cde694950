/** The atomic verbs on a SQL database: synchronous on SQLite, one round trip on PostgreSQL. `migrate(database, atomicMigrations)` first. */
import type { AtomicStore, Taken } from './atomic.ts'
import { checkKey, checkLimit, checkValue, expiry, instant, parseCount } from './bounds.ts'
import type { Database, MaybePromise, Statement } from './database.ts'
import { noCount } from './errors.ts'
import { describe, isAllowed, mayTake, planTake } from './gcra.ts'
import type { Plan } from './gcra.ts'
import { after } from './maybe.ts'
import { atomicStatements } from './sql-atomic-statements.ts'
import { decodeString, encodeString } from './stored-string.ts'

export { atomicMigrations } from './sql-atomic-statements.ts'

/** A refusal that was forgiven or swept before it was read is tried again this often. */
const ROUNDS = 3

/** `close` leaves the database open: it belongs to the caller. */
export function sqlStore(database: Database): AtomicStore {
  const text = atomicStatements(database.dialect)
  const on = <Row>(name: keyof typeof text): Statement<Row> => database.statement<Row>(text[name])
  const [takeRow, lookRow] = [on<{ tat: number }>('take'), on<{ tat: number }>('look')]
  const [forgive, put, remove] = [on('forgive'), on('put'), on('delete')]
  const [get, consume] = [on<{ value: string }>('get'), on<{ value: string }>('consume')]
  const [increment, reserve, release] = [on<{ value: string }>('increment'), on('reserve'), on('release')]
  const [insert, swap, sweepRates, sweepValues] = [on('insert'), on('swap'), on('sweepRates'), on('sweepValues')]

  function look(key: string, plan: Plan): MaybePromise<Taken> {
    return after(lookRow.get(key), (row) => describe(plan, row?.tat ?? 0, isAllowed(plan, row?.tat ?? 0)))
  }

  function take(key: string, plan: Plan, round: number): MaybePromise<Taken> {
    const { now, increment: step, ceiling } = plan
    return after(takeRow.get(key, now + step, now, now, step, ceiling), (row) => {
      if (row !== undefined) return describe(plan, row.tat, true)
      return after(lookRow.get(key), (stands) => {
        const tat = stands?.tat ?? 0
        if (isAllowed(plan, tat) && round < ROUNDS) return take(key, plan, round + 1)
        return describe(plan, tat, false)
      })
    })
  }

  type Count = { readonly ok: boolean; readonly count: number }
  function count(key: string, limit: number, until: number, now: number, round: number): MaybePromise<Count> {
    const row = limit === 0 ? undefined : increment.get(key, until, now, now, now, limit)
    return after(row, (counted) => {
      if (counted !== undefined) return { ok: true, count: Number(counted.value) }
      return after(get.get(key, now), (stands) => {
        const stored = stands === undefined ? 0 : parseCount(stands.value)
        if (stored === undefined) throw noCount()
        if (stored < limit && round < ROUNDS) return count(key, limit, until, now, round + 1)
        return { ok: false, count: stored }
      })
    })
  }

  return {
    name: database.dialect,
    shared: database.shared,
    take(key, rate, now, cost) {
      checkKey(key)
      const plan = planTake(rate, now, cost)
      return mayTake(plan) ? take(encodeString(key), plan, 1) : look(encodeString(key), plan)
    },
    forgive(key) {
      checkKey(key)
      return after(forgive.run(encodeString(key)), () => undefined)
    },
    put(key, value, ttl, now) {
      checkKey(key)
      checkValue(value)
      return after(put.run(encodeString(key), encodeString(value), expiry(now, ttl)), () => undefined)
    },
    get(key, now) {
      checkKey(key)
      return after(get.get(encodeString(key), instant(now)), valueOf)
    },
    delete(key) {
      checkKey(key)
      return after(remove.run(encodeString(key)), () => undefined)
    },
    consumeOnce(key, now) {
      checkKey(key)
      return after(consume.get(encodeString(key), instant(now)), valueOf)
    },
    incrementIf(key, limit, ttl, now) {
      checkKey(key)
      checkLimit(limit)
      return count(encodeString(key), limit, expiry(now, ttl), instant(now), 1)
    },
    reserve(key, owner, ttl, now) {
      checkKey(key)
      checkValue(owner)
      return after(reserve.get(encodeString(key), encodeString(owner), expiry(now, ttl), instant(now)), isThere)
    },
    release(key, owner) {
      checkKey(key)
      return after(release.get(encodeString(key), encodeString(owner)), isThere)
    },
    compareAndSwap(key, expected, next, ttl, now) {
      checkKey(key)
      checkValue(next)
      const [name, value, until] = [encodeString(key), encodeString(next), expiry(now, ttl)]
      if (expected === undefined) return after(insert.get(name, value, until, instant(now)), isThere)
      return after(swap.get(value, until, name, encodeString(expected), instant(now)), isThere)
    },
    sweep(now) {
      const start = instant(now)
      return after(sweepRates.run(start * 1000), (rates) =>
        after(sweepValues.run(start), (values) => rates.changes + values.changes),
      )
    },
    ping: () => database.ping(),
    close: async () => {},
  }
}

function valueOf(row: { readonly value: string } | undefined): string | undefined {
  return row === undefined ? undefined : decodeString(row.value)
}

function isThere(row: unknown): boolean {
  return row !== undefined
}
