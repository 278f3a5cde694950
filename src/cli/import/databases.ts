/** Users out of a database of another system, read only: a SQLite file, or PostgreSQL by its address. */
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { Secret } from '../../crypto/secret.ts'
import { postgres } from '../../store/postgres.ts'
import { Refusal } from '../command.ts'
import type { Entry, Found, Tell } from './row.ts'
import { usersQuery } from './tables.ts'

const PAGE = 500

/** Reads the file without writing to it. */
export async function* readSqlite(path: string, table: string | undefined, tell: Tell = () => {}): AsyncGenerator<Found> {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const columns = database
      .prepare(
        `SELECT m.name AS "table", c.name AS "column" FROM sqlite_schema m JOIN pragma_table_info(m.name) c
         WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
      )
      .all() as { table: string; column: string }[]
    const query = usersQuery(tablesOf(columns), table)
    const { all } = database.prepare(countOf(query)).get() as { all: number }
    let number = 0
    for (const entry of database.prepare(query).iterate()) {
      tell(++number / all)
      yield { at: `row ${number}`, entry: entry as Entry }
    }
  } finally {
    database.close()
  }
}

/** Reads in pages, in a transaction that sees one state and can change nothing. */
export async function* readPostgres(
  url: string,
  table: string | undefined,
  password: string | undefined,
  tell: Tell = () => {},
): AsyncGenerator<Found> {
  const database = postgres(addressOf(url, password).reveal())
  try {
    const columns = await sql<{ table: string; column: string }>`
      SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns
      WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`.execute(database.kysely)
    const query = usersQuery(tablesOf(columns.rows), table)
    const counted = await sql<{ all: number | string }>`${sql.raw(countOf(query))}`.execute(database.kysely)
    const all = Number(counted.rows[0]?.all)
    for (let offset = 0; ; offset += PAGE) {
      const { rows } = await sql<Entry>`${sql.raw(query)} LIMIT ${PAGE} OFFSET ${offset}`.execute(database.kysely)
      for (const [index, entry] of rows.entries()) {
        const number = offset + index + 1
        tell(number / all)
        yield { at: `row ${number}`, entry }
      }
      if (rows.length < PAGE) return
    }
  } finally {
    await database.close()
  }
}

function countOf(query: string): string {
  return `SELECT count(*) AS "all" FROM (${query}) AS asked`
}

/** The password stands in PGPASSWORD: other programs can read arguments. */
function addressOf(text: string, password: string | undefined): Secret {
  const url = URL.parse(text)
  if (!url) throw new Refusal(2, 'That is no address of PostgreSQL. Write postgres://user@host/database.')
  if (url.password !== '')
    throw new Refusal(
      2,
      'A password is never an argument, where other programs can read it. Take it out of the address, and set PGPASSWORD.',
    )
  if (password !== undefined) url.password = encodeURIComponent(password)
  return new Secret(url.href)
}

function tablesOf(rows: readonly { readonly table: string; readonly column: string }[]): ReadonlyMap<string, readonly string[]> {
  const tables = new Map<string, string[]>()
  for (const { table, column } of rows) tables.set(table, [...(tables.get(table) ?? []), column])
  return tables
}
