/** What the contracts of the database of one tenant share: rows of two tenants, seen as one of them. */
import { after, before, beforeEach } from 'node:test'
import { sql, type Kysely } from 'kysely'
import type { Database } from '../database.ts'
import { tenantDatabase, type TenantColumn, type TenantScopeOptions } from './index.ts'

export interface Schema {
  notes: { id: string; tenant_id: TenantColumn; room_id: string | null; text: string }
  rooms: { id: string; tenant: TenantColumn; name: string }
  countries: { code: string; name: string }
  forgotten: { id: string }
}

const TABLES = { notes: 'tenant_id', rooms: 'tenant', countries: false } as const

/** Whose rows are seen, and all there are. The databases are there once a test runs. */
export interface Scoped {
  readonly database: Database
  readonly acme: Kysely<Schema>
  all(table: string): Promise<any[]>
  /** Rows of the other tenant, now. */
  bolts(): Promise<any[]>
  /** The same before the test. */
  readonly theirs: unknown
}

/** Makes the tables once, and the rows before each test. */
export function scoped(open: () => Promise<Database>, options?: TenantScopeOptions): Scoped {
  let database: Database
  let acme: Kysely<Schema>
  const all = async (table: string) =>
    (await sql<any>`SELECT * FROM ${sql.table(table)} ORDER BY id`.execute(database.kysely)).rows
  const run = (text: string) => sql.raw(text).execute(database.kysely)
  const bolts = async () => (await all('notes')).filter(({ tenant_id: tenant }) => tenant === 'bolt')
  let theirs: unknown

  before(async () => {
    database = await open()
    await run('CREATE TABLE notes (id text PRIMARY KEY, tenant_id text NOT NULL, room_id text, text text NOT NULL)')
    await run('CREATE TABLE rooms (id text PRIMARY KEY, tenant text NOT NULL, name text NOT NULL)')
    await run('CREATE TABLE countries (id text, code text, name text)')
    await run('CREATE TABLE forgotten (id text)')
    acme = tenantDatabase<Schema>(database, TABLES as never, 'acme', options) as Kysely<Schema>
  })
  after(() => database?.close())
  beforeEach(async () => {
    for (const table of ['notes', 'rooms', 'countries', 'forgotten']) await run(`DELETE FROM ${table}`)
    await run(
      `INSERT INTO notes VALUES ('a1', 'acme', 'ra', 'one'), ('a2', 'acme', 'rb', 'two'), ('b1', 'bolt', 'rb', 'secret'), ('b2', 'bolt', NULL, 'secret')`,
    )
    await run(`INSERT INTO rooms VALUES ('ra', 'acme', 'red'), ('rb', 'bolt', 'secret')`)
    await run(`INSERT INTO countries VALUES ('1', 'ch', 'Switzerland')`)
    theirs = await bolts()
  })
  return {
    get database() {
      return database
    },
    get acme() {
      return acme
    },
    get theirs() {
      return theirs
    },
    all,
    bolts,
  }
}
