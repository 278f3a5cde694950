/**
 * Does what was planned. Each step is one transaction with its record: what holds is in force with the commit that says so, and what is done at
 * once is written down as begun before anything of it is done. Where it cannot be written down, it does not happen. What was begun and
 * never said to be done, because its process ended, is marked as interrupted by a sweep. Whether it was done a person finds out: a second
 * letter, or a second rotation of keys, is not what they asked for.
 */
import { sql, type Transaction } from 'kysely'
import { act, type Tell } from '../../engine/act.ts'
import type { Emit } from '../../engine/events.ts'
import { isUniqueViolation } from '../../store/errors.ts'
import { responseNamed } from './index.ts'
import type { Levers } from './levers.ts'
import { askedOf } from './planning.ts'
import { toApplied } from './record.ts'
import type { Outcome, Planned } from './responder-types.ts'
import { no } from './response.ts'
import { dataOf } from './row.ts'
import { rowsOn } from './rows.ts'
import type { ResponseRow, ResponsesDatabase, ResponsesSchema } from './schema.ts'
import type { SecondPerson } from './second-person.ts'

/** Writes what a person did into the timeline of its incident, in the transaction in which they did it. */
export type Note = (tx: Transaction<any>, row: ResponseRow, what: string, by: string) => Promise<void>

export interface CarryingOutSetting {
  readonly database: ResponsesDatabase
  readonly levers: Levers
  readonly secondPerson: Pick<SecondPerson, 'take'>
  readonly emit: Emit
  readonly now: () => number
  readonly note: Note
}

/** `alone`: why nobody else is asked. */
export interface Carried extends Pick<Planned, 'needsSecond' | 'question' | 'lasts' | 'oneOf'> {
  readonly alone: string | undefined
}

const MOST_TEXT = 500
/** What rolls the transaction back. */
class NotTaken extends Error {}
class NobodyLeft extends Error {}

export function createCarryingOut({ database, levers, secondPerson, emit, now, note }: CarryingOutSetting) {
  type Tx = Transaction<ResponsesSchema>

  /** The yes of somebody else is used up with what it was for, or stays. */
  async function withSecond(tx: Tx, tell: Tell, row: ResponseRow, carried: Carried): Promise<ResponseRow> {
    if (!carried.needsSecond || carried.alone !== undefined) return row
    const second = await secondPerson.take(tx, tell, carried.question)
    if (second === undefined) throw new NotTaken()
    return { ...row, second_id: second }
  }

  async function tellApplied(tx: Tx, tell: Tell, done: ResponseRow, { alone }: Carried): Promise<void> {
    const level = alone === undefined ? {} : ({ level: 'critical' } as const)
    const until = done.expires_at ?? undefined
    await tell({ type: 'response_applied', ...level, data: { ...dataOf(done), says: done.says, until, insecureAlone: alone } })
    await note(tx, done, 'applied', `${done.by_kind}:${done.by_id}`)
  }

  async function hold(row: ResponseRow, carried: Carried): Promise<ResponseRow> {
    const at = now()
    const set = { state: 'active', changed: 1, applied_at: at, expires_at: at + carried.lasts! } as const
    return await act(database, emit, async (tx, tell) => {
      // What ran out and was not swept yet makes way.
      for (const over of await rowsOn(tx).expire(at)) await tell({ type: 'response_expired', data: dataOf(over) })
      if (carried.oneOf && !(await oneIsFree(tx, carried.oneOf, at))) throw new NobodyLeft()
      const done = { ...(await withSecond(tx, tell, row, carried)), ...set }
      await rowsOn(tx).insert(done)
      await tellApplied(tx, tell, done, carried)
      return done
    })
  }

  /** One after the other, over all processes: two who hold each other at the same moment must not both succeed. */
  async function oneIsFree(tx: Tx, userIds: readonly string[], at: number): Promise<boolean> {
    if (database.dialect === 'postgres')
      await sql`SELECT pg_advisory_xact_lock(hashtext('holdfast administrators ' || current_schema()))`.execute(tx)
    const held = await rowsOn(tx).heldOf(userIds, at)
    return userIds.some((id) => !held.has(id))
  }

  async function doAtOnce(row: ResponseRow, carried: Carried): Promise<ResponseRow> {
    const begun = await act(database, emit, async (tx, tell) => {
      const own = await withSecond(tx, tell, row, carried)
      await rowsOn(tx).insert(own)
      await tell({ type: 'response_begun', data: { ...dataOf(own), says: own.says } })
      return own
    })
    const changed = await acted(begun)
    // Also where it took so long that it was given up as interrupted.
    const set = { state: 'done', changed, applied_at: now(), ended_at: null, ended_reason: null } as const
    return await act(database, emit, async (tx, tell) => {
      await rowsOn(tx).update(row.id, set)
      await tellApplied(tx, tell, { ...begun, ...set }, carried)
      return { ...begun, ...set }
    })
  }

  async function acted(begun: ResponseRow): Promise<number> {
    try {
      return await responseNamed(begun.response)!.act!(askedOfRow(begun), levers)
    } catch (error) {
      await fail(begun, error)
      throw error
    }
  }

  async function fail(row: ResponseRow, error: unknown): Promise<void> {
    const says = messageOf(error)
    await act(database, emit, async (tx, tell) => {
      await rowsOn(tx).update(row.id, { state: 'failed', ended_at: now(), ended_reason: says })
      await tell({ type: 'response_failed', data: { ...dataOf(row), error: says } })
      await note(tx, row, 'failed', `${row.by_kind}:${row.by_id}`)
    })
  }

  return async (row: ResponseRow, carried: Carried): Promise<Outcome> => {
    try {
      const done = row.hold === null ? await doAtOnce(row, carried) : await hold(row, carried)
      return { ok: true, applied: toApplied(done) }
    } catch (error) {
      if (error instanceof NotTaken) return no('approval-required', 'Somebody else has to approve it first, and nobody has.')
      if (error instanceof NobodyLeft) return no('last-administrator', 'Nobody else could administer.')
      if (row.hold !== null && isUniqueViolation(error)) return no('already-active', 'It is in force already.')
      throw error
    }
  }
}

function askedOfRow(row: ResponseRow) {
  const applied = toApplied(row)
  return askedOf(applied, applied.automatic)
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, MOST_TEXT)
}
