/** A log of many events, made by the database itself: to be searched, not to be verified. Ids are spread like those of people, with a few that are everywhere and a few that are nowhere. */
import { sql } from 'kysely'
import { auditMigrations, makePartitions, type AuditDatabase } from '../src/observe/audit/schema.ts'
import type { Database } from '../src/store/database.ts'
import { migrate } from '../src/store/migrate.ts'

/** The first of January 2026; the events are spread over a year from then. */
export const START = Date.UTC(2026, 0, 1)
export const YEAR = 365 * 86_400_000
const CHUNK = 20_000

const text = (value: string) => `CAST(${value} AS text)`
const spread = (prime: number, of: number) => text(`(i * ${prime}) % ${of}`)
const SOMEBODY = `'user-' || ${spread(7919, 20_011)}`
const USER = `CASE WHEN i = 5 THEN 'once' WHEN i % 10 = 3 THEN 'busy' ELSE ${SOMEBODY} END`

/** Of event number `i`, each column. A type has one level, as in life, but for `session_ended`. */
const columns = (count: number): Readonly<Record<string, string>> => ({
  chain: '1',
  seq: 'i',
  at: `${START} + i * ${Math.floor(YEAR / count)}`,
  type: `CASE WHEN i % 100003 = 0 THEN 'user_deleted' WHEN i < ${Math.ceil(count / 100)} AND i % 2 = 0 THEN 'authn_setup'
    WHEN i % 5 = 0 THEN 'session_ended' WHEN i % 2 = 0 THEN 'authn_login_fail' ELSE 'authn_login_success' END`,
  level: `CASE WHEN i % 1000 = 0 THEN 'critical' WHEN i % 2 = 0 THEN 'warn' ELSE 'info' END`,
  control: `CASE WHEN i % 997 = 0 THEN 'csrf' ELSE 'accounts' END`,
  request_id: `'request-' || ${text('i')}`,
  method: `'POST'`,
  client: `CASE WHEN i % 4 = 1 THEN '203.0.113.1' ELSE '10.0.' || ${spread(31, 251)} || '.' || ${spread(17, 241)} END`,
  principal: 'NULL',
  path: `'/login'`,
  data: `'{"door":"password","login":"abcdefghijklmnopqrstuv","userId":"' || ${USER} || '"}'`,
  user_id: USER,
  actor_id: `CASE WHEN i % 50 = 7 THEN 'user-' || ${spread(13, 20_011)} END`,
  session: `CASE WHEN i % 5 = 0 THEN 'session-' || ${text('i / 50')} END`,
  api_key: `CASE WHEN i % 20 = 7 THEN 'key-' || ${spread(31, 1009)} END`,
  who_salt: `'ssssssssssssssssssssss'`,
  what_salt: `'ssssssssssssssssssssss'`,
  hash: `'hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh'`,
})

export async function fill(database: Database, count: number): Promise<void> {
  await migrate(database, auditMigrations)
  for (let month = 0; month < 12; month += 4) await makePartitions(database as AuditDatabase, Date.UTC(2026, month))
  await sql`INSERT INTO hf_audit_chains (name, began_at) VALUES ('bench/security', 0)`.execute(database.kysely)
  const numbers =
    database.dialect === 'sqlite'
      ? (from: number, to: number) =>
          `WITH RECURSIVE s(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM s WHERE i < ${to - 1}) SELECT i FROM s`
      : (from: number, to: number) => `SELECT i FROM generate_series(${from}::bigint, ${to - 1}::bigint) AS g(i)`
  const made = columns(count)
  const insert = `INSERT INTO hf_audit (${Object.keys(made).join(', ')}) SELECT ${Object.values(made).join(', ')} FROM`
  const indexAgain = database.dialect === 'postgres' ? await withoutIndexes(database) : []
  for (let from = 0; from < count; from += CHUNK)
    await sql.raw(`${insert} (${numbers(from, Math.min(from + CHUNK, count))}) AS numbers`).execute(database.kysely)
  for (const text of indexAgain) await patiently(database, text)
}

/** PostgreSQL makes an index of what is there much faster than it keeps twelve. Returns how to make them again. */
async function withoutIndexes({ kysely }: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string; text: string }>`
    SELECT indexname AS name, indexdef AS text FROM pg_indexes
    WHERE tablename = 'hf_audit' AND schemaname = current_schema()`.execute(kysely)
  for (const { name } of rows) await sql`DROP INDEX ${sql.id(name)}`.execute(kysely)
  return [...rows.map(({ text }) => text.replace(' ON ONLY ', ' ON ')), 'VACUUM ANALYZE hf_audit']
}

/** Longer than a statement of an application may take. */
async function patiently(database: Database, text: string): Promise<void> {
  await database.kysely.connection().execute(async (connection) => {
    await sql`SET statement_timeout = 0`.execute(connection)
    await sql.raw(text).execute(connection)
    await sql`RESET statement_timeout`.execute(connection)
  })
}
