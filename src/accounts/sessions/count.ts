/** How many sessions live, for who watches the application: a number, and never more work than some milliseconds. */
import type { SessionLengths } from './row.ts'
import type { AccountsDatabase } from '../schema.ts'

/** SQLite answers on the thread that serves requests: counting must be over before anybody could notice. PostgreSQL counts elsewhere. */
export const MOST_COUNTED = { sqlite: 10_000, postgres: 1_000_000 } as const

/** At most `MOST_COUNTED`: a result of so many means that many or more. */
export async function countSessions(
  database: AccountsDatabase,
  { idle, absolute }: SessionLengths,
  now: number,
): Promise<number> {
  const live = database.kysely
    .selectFrom('hf_sessions')
    .select('id')
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .where('created_at', '>', now - absolute)
    .where('seen_at', '>', now - idle)
    .limit(MOST_COUNTED[database.dialect])
  const { count } = await database.kysely
    .selectFrom(live.as('live'))
    .select((on) => on.fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}
