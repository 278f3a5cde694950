/**
 * The rows of the outbox: who takes one, and what becomes of it. Taking is one statement, and the row is leased by it, so that of many
 * processes one sends (law 9). An attempt is counted when it begins: what brings a process down is given up in the end as well.
 */
import { sql, type Selectable } from 'kysely'
import type { Database } from './database.ts'
import type { OutboxSchema } from './outbox.ts'

export type OutboxRow = Selectable<OutboxSchema['hf_outbox']>

/** How many there are, of one channel. */
export interface OutboxCounts {
  /** To be sent, now or later. */
  readonly waiting: number
  /** Given up. */
  readonly failed: number
}

export interface OutboxRows {
  /**
   * The one that is due longest, leased for `lease` milliseconds; nobody else gets it until then. What has something before it in its
   * line waits until that was sent or given up.
   */
  claim(now: number, lease: number): Promise<OutboxRow | undefined>
  /** It was sent: nothing is left of it. */
  sent(id: string): Promise<void>
  /** It was not; again at `dueAt`. Nothing happens if somebody else has taken it since. */
  postpone(row: OutboxRow, dueAt: number, why: string): Promise<void>
  /** It was not, and it will not be. */
  giveUp(row: OutboxRow, now: number, why: string): Promise<void>
  counts(): Promise<OutboxCounts>
  /** The oldest first, at most `limit`. */
  list(which: 'waiting' | 'failed', limit: number): Promise<OutboxRow[]>
  /** Begins anew, at once, with what was given up and what waits for its next attempt, or with one of it. Returns how many. */
  retry(now: number, id?: string): Promise<number>
  /** Deletes what was given up before `before`; returns how many. */
  forget(before: number): Promise<number>
}

/** Makes it for one channel. */
export function outboxRows(database: Database<OutboxSchema>, channel: string): OutboxRows {
  const db = database.kysely

  return {
    async claim(now, lease) {
      const due = db
        .selectFrom('hf_outbox')
        .select('id')
        .where('channel', '=', channel)
        .where('failed_at', 'is', null)
        .where('due_at', '<=', now)
        .where('leased_until', '<=', now)
        .where((on) =>
          on.not(
            on.exists(
              on
                .selectFrom('hf_outbox as earlier')
                .select('earlier.id')
                .whereRef('earlier.line', '=', 'hf_outbox.line')
                .whereRef('earlier.channel', '=', 'hf_outbox.channel')
                .whereRef('earlier.place', '<', 'hf_outbox.place')
                .where('earlier.failed_at', 'is', null),
            ),
          ),
        )
        .orderBy('due_at')
        .orderBy('created_at')
        .orderBy('place')
        .limit(1)
        .$if(database.dialect === 'postgres', (query) => query.forUpdate().skipLocked())
      return await db
        .updateTable('hf_outbox')
        .set({ leased_until: now + lease, attempts: sql<number>`attempts + 1` })
        .where('id', '=', due)
        .returningAll()
        .executeTakeFirst()
    },

    async sent(id) {
      await db.deleteFrom('hf_outbox').where('id', '=', id).execute()
    },

    async postpone({ id, attempts }, dueAt, why) {
      const next = { due_at: dueAt, leased_until: 0, last_error: why }
      await db.updateTable('hf_outbox').set(next).where('id', '=', id).where('attempts', '=', attempts).execute()
    },

    async giveUp({ id, attempts }, now, why) {
      const end = { failed_at: now, leased_until: 0, last_error: why }
      await db.updateTable('hf_outbox').set(end).where('id', '=', id).where('attempts', '=', attempts).execute()
    },

    async counts() {
      const { all, failed } = await db
        .selectFrom('hf_outbox')
        .select((on) => [on.fn.countAll().as('all'), on.fn.count('failed_at').as('failed')])
        .where('channel', '=', channel)
        .executeTakeFirstOrThrow()
      return { waiting: Number(all) - Number(failed), failed: Number(failed) }
    },

    async list(which, limit) {
      return await db
        .selectFrom('hf_outbox')
        .selectAll()
        .where('channel', '=', channel)
        .where('failed_at', which === 'failed' ? 'is not' : 'is', null)
        .orderBy('created_at')
        .limit(limit)
        .execute()
    },

    async retry(now, id) {
      const { numUpdatedRows } = await db
        .updateTable('hf_outbox')
        .set({ failed_at: null, due_at: now, attempts: 0, created_at: now })
        .where('channel', '=', channel)
        .where('leased_until', '<=', now)
        .where((on) => on.or([on('failed_at', 'is not', null), on('due_at', '>', now)]))
        .$if(id !== undefined, (query) => query.where('id', '=', id!))
        .executeTakeFirst()
      return Number(numUpdatedRows)
    },

    async forget(before) {
      const query = db.deleteFrom('hf_outbox').where('channel', '=', channel).where('failed_at', '<=', before)
      return Number((await query.executeTakeFirst()).numDeletedRows)
    },
  }
}

/** How full the outbox is, of one channel and one state. */
export interface OutboxLevel {
  readonly channel: string
  readonly state: 'waiting' | 'given-up'
  readonly count: number
  /** When the oldest of them was put down. */
  readonly oldest: number
}

/** What lies in the outbox, of every channel: for who watches it. */
export async function outboxLevels(database: Database<OutboxSchema>): Promise<readonly OutboxLevel[]> {
  const rows = await database.kysely
    .selectFrom('hf_outbox')
    .select((on) => [
      'channel',
      on('failed_at', 'is', null).as('waits'),
      on.fn.countAll().as('count'),
      on.fn.min('created_at').as('oldest'),
    ])
    .groupBy((on) => ['channel', on('failed_at', 'is', null)])
    .execute()
  return rows.map(({ channel, waits, count, oldest }) => ({
    channel,
    state: waits ? 'waiting' : 'given-up',
    count: Number(count),
    oldest: Number(oldest),
  }))
}
