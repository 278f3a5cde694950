/** The cells whose guards are rows that several hands change at once, on PostgreSQL as they are on SQLite. */
import { after, before, describe, it } from 'node:test'
import { sql } from 'kysely'
import { applies, INVARIANTS, ways } from '../../src/accounts/doors/matrix.ts'
import type { Database } from '../../src/store/database.ts'
import { freshPostgres, postgresUrl } from '../support/services.ts'
import { drivers } from './drivers/index.ts'
import { invariants } from './invariants/index.ts'
import { openStage } from './stage.ts'

const server = await postgresUrl()
const TRIED = ['locked', 'disabled', 'single-use']

describe('the matrix of ways in, on PostgreSQL', { skip: 'skip' in server && server.skip }, () => {
  let database: Database & { readonly url: string }
  before(async () => (database = await freshPostgres()))
  after(() => database?.close())

  for (const { name, options, holds } of invariants.filter((one) => TRIED.includes(one.name))) {
    for (const way of ways.filter((one) => applies(one, name))) {
      it(`${name}, at "${way.name}": ${INVARIANTS[name]}`, async () => {
        await empty(database)
        // Its tables are made once: each of them costs more than what is tried.
        await using stage = await openStage({ options, database: { ...database, close: async () => {} } })
        await holds(
          stage,
          drivers.find((driver) => driver.way === way.name)!,
        )
      })
    }
  }
})

/** As it was made: every table but the one that says which there are. */
async function empty({ kysely }: Database): Promise<void> {
  const { rows } = await sql<{ name: string }>`SELECT tablename AS name FROM pg_tables
    WHERE schemaname = current_schema() AND tablename <> 'hf_migrations'`.execute(kysely)
  if (rows.length === 0) return
  await sql`TRUNCATE ${sql.join(rows.map(({ name }) => sql.table(name)))} CASCADE`.execute(kysely)
}
