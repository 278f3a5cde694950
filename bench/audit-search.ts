/** Searches of the audit log over many events, on SQLite and, where a server is set, on PostgreSQL. Rows are made by the database: nothing is verified here. */
import { join } from 'node:path'
import { sql } from 'kysely'
import { createSearch } from '../src/observe/audit/search.ts'
import { auditMigrations, makePartitions, type AuditDatabase } from '../src/observe/audit/schema.ts'
import type { AuditFilter } from '../src/observe/audit/types.ts'
import type { Database } from '../src/store/database.ts'
import { migrate } from '../src/store/migrate.ts'
import { postgres } from '../src/store/postgres.ts'
import { sqlite } from '../src/store/sqlite.ts'
import { median } from './load.ts'

/** The first of January 2026; the rows are spread over a year from then. */
const START = Date.UTC(2026, 0, 1)
const YEAR = 365 * 86_400_000
const CHUNK = 20_000

export async function searches(folder: string, count: number): Promise<void> {
  const embedded = sqlite(join(folder, 'search.sqlite'))
  await measure('SQLite', embedded, count)
  await embedded.close()
  const url = process.env['HOLDFAST_TEST_POSTGRES']
  if (url === undefined) return console.log('(HOLDFAST_TEST_POSTGRES is not set: no search on PostgreSQL)')
  const server = postgres(url)
  await sql`DROP SCHEMA IF EXISTS hf_bench CASCADE`.execute(server.kysely)
  await sql`CREATE SCHEMA hf_bench`.execute(server.kysely)
  const own = postgres(`${url}${url.includes('?') ? '&' : '?'}options=-c%20search_path%3Dhf_bench`)
  await measure('PostgreSQL', own, count)
  await own.close()
  await sql`DROP SCHEMA hf_bench CASCADE`.execute(server.kysely)
  await server.close()
}

async function measure(name: string, database: Database, count: number): Promise<void> {
  await migrate(database, auditMigrations)
  for (let month = 0; month < 12; month += 4) await makePartitions(database as AuditDatabase, Date.UTC(2026, month))
  await fill(database, count)
  const { search } = createSearch(database)
  const middle = START + YEAR / 2
  const filters: Readonly<Record<string, AuditFilter>> = {
    nothing: {},
    'a user': { user: 'user-77' },
    'a user and a type': { user: 'user-77', type: 'session_ended' },
    'a user of the oldest': { user: 'once' },
    'an address': { client: '10.0.7.7' },
    'a request': { requestId: `request-${Math.floor(count / 3)}` },
    'a session': { session: 'session-4711' },
    'a type': { type: 'authn_login_fail' },
    'a rare type': { type: 'user_deleted' },
    'a level': { level: 'critical' },
    'a control': { control: 'csrf' },
    'a day': { from: middle, to: middle + 86_400_000 },
    'a user in a month': { user: 'user-77', from: middle, to: middle + 30 * 86_400_000 },
    nobody: { user: 'nobody' },
  }
  for (const [what, filter] of Object.entries(filters)) {
    const times: number[] = []
    let found = 0
    for (let round = 0; round < 5; round++) {
      const start = performance.now()
      found = (await search(filter)).events.length
      times.push(performance.now() - start)
    }
    console.log(
      `${name}, ${count} events, by ${what}: ${found} found, ${median(times).toFixed(1)} ms, first ${times[0]!.toFixed(1)} ms`,
    )
  }
}

async function fill(database: Database, count: number): Promise<void> {
  await sql`INSERT INTO hf_audit_chains (name, began_at) VALUES ('bench/security', 0)`.execute(database.kysely)
  const series =
    database.dialect === 'sqlite'
      ? (from: number, to: number) =>
          `WITH RECURSIVE s(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM s WHERE i < ${to - 1}) SELECT i FROM s`
      : (from: number, to: number) => `SELECT i FROM generate_series(${from}::bigint, ${to - 1}::bigint) AS g(i)`
  const any = (prime: number, of: number) => `((i * ${prime}) % ${of})`
  const text = (value: string) => `CAST(${value} AS text)`
  for (let from = 0; from < count; from += CHUNK) {
    const rows = series(from, Math.min(from + CHUNK, count))
    const user = `CASE WHEN i = 5 THEN 'once' ELSE 'user-' || ${text(any(7919, 20_011))} END`
    await sql
      .raw(
        `INSERT INTO hf_audit (chain, seq, at, type, level, control, request_id, method, client, principal, path, data, user_id, session, who_salt, what_salt, hash)
         SELECT 1, i, ${START} + i * ${Math.floor(YEAR / count)},
           CASE WHEN i % 100003 = 0 THEN 'user_deleted' WHEN i % 5 = 0 THEN 'session_ended' ELSE 'authn_login_fail' END,
           CASE WHEN i % 1000 = 0 THEN 'critical' WHEN i % 2 = 0 THEN 'warn' ELSE 'info' END,
           CASE WHEN i % 997 = 0 THEN 'csrf' ELSE 'accounts' END,
           'request-' || ${text('i')}, 'POST', '10.0.' || ${text(any(31, 251))} || '.' || ${text(any(17, 241))}, NULL, '/login',
           '{"door":"password","login":"abcdefghijklmnopqrstuv","userId":"user-' || ${text(any(7919, 20_011))} || '"}',
           ${user}, CASE WHEN i % 5 = 0 THEN 'session-' || ${text('i / 50')} END,
           'ssssssssssssssssssssss', 'ssssssssssssssssssssss', 'hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh'
         FROM (${rows}) AS numbers`,
      )
      .execute(database.kysely)
  }
  if (database.dialect === 'postgres') await sql`ANALYZE hf_audit`.execute(database.kysely)
}
