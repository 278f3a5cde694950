import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { sql } from 'kysely'
import pg from 'pg'
import { atomicContract } from './atomic.contract.ts'
import { databaseContract } from './database.contract.ts'
import { migrate } from './migrate.ts'
import { postgres } from './postgres.ts'
import { atomicMigrations, sqlStore } from './sql-atomic.ts'
import { freshPostgres, postgresUrl } from '../../test/support/services.ts'

const server = await postgresUrl()

describe('against a server', { skip: 'skip' in server && server.skip }, () => {
  databaseContract('postgres by URL', async () => {
    const database = await freshPostgres()
    return { database, again: () => postgres(database.url, { poolSize: 2 }), close: () => database.close() }
  })

  databaseContract('postgres on a pool handed in', async () => {
    const fresh = await freshPostgres()
    const pool = new pg.Pool({ connectionString: fresh.url, max: 4 })
    const database = postgres(pool)
    const close = async (): Promise<void> => {
      await database.close()
      await pool.query('SELECT 1')
      await pool.end()
      await fresh.close()
    }
    return { database, close }
  })

  atomicContract('postgres', async () => {
    const database = await freshPostgres()
    await migrate(database, atomicMigrations)
    return { store: sqlStore(database), close: () => database.close() }
  })

  describe('postgres', () => {
    let database: Awaited<ReturnType<typeof freshPostgres>>
    before(async () => {
      database = await freshPostgres()
    })
    after(() => database?.close())

    it('bounds statements and idle transactions', async () => {
      const setting = async (name: string): Promise<unknown> =>
        Object.values((await database.statement<object>(`SHOW ${name}`).get()) ?? {})[0]
      assert.deepEqual([await setting('statement_timeout'), await setting('idle_in_transaction_session_timeout')], ['10s', '30s'])
    })

    it('prepares a statement once a connection', async () => {
      const one = postgres(database.url, { poolSize: 1 })
      const statement = one.statement('SELECT ?::bigint AS number')
      for (let index = 0; index < 5; index++) assert.deepEqual(await statement.get(index), { number: index })
      const prepared = await one
        .statement<{ count: number }>(
          `SELECT count(*) AS count FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::bigint%'`,
        )
        .get()
      assert.equal(prepared?.count, 1)
      await one.close()
    })

    it('survives the loss of an idle connection, and of one within a transaction', async () => {
      const other = postgres(database.url, { poolSize: 1 })
      const pid = async (): Promise<number> =>
        (await other.statement<{ pid: number }>('SELECT pg_backend_pid() AS pid').get())?.pid ?? 0
      const kill = database.statement('SELECT pg_terminate_backend(?::int) AS gone')
      await kill.get(await pid())
      // The pool may hand out the lost connection once, before it has heard of the loss.
      await pid().catch(() => undefined)
      assert.ok((await pid()) > 0)
      const lost = other.transaction(async (tx) => {
        const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(tx)
        await kill.get(rows[0]?.pid ?? 0)
        await sql`SELECT 1`.execute(tx)
      })
      await assert.rejects(lost)
      assert.ok((await pid()) > 0)
      await other.close()
    })

    it('changes nothing for others who use the pool that was handed in', async () => {
      const pool = new pg.Pool({ connectionString: database.url, max: 1 })
      const shared = postgres(pool)
      assert.deepEqual(await shared.statement('SELECT 7::bigint AS big').get(), { big: 7 })
      const { rows } = await pool.query(`SELECT 7::bigint AS big, '\\x00'::bytea AS bytes`)
      assert.equal(rows[0].big, '7')
      assert.ok(Buffer.isBuffer(rows[0].bytes))
      assert.equal(pool.listenerCount('error'), 1)
      await shared.close()
      assert.equal(pool.listenerCount('error'), 0)
      await pool.end()
    })
  })
})

describe('postgres without a server', () => {
  it('refuses what is no URL of PostgreSQL, and never repeats it', () => {
    for (const url of ['', 'mysql://u:hunter2@h/d', 'postgres//u:hunter2@h', 'hunter2']) {
      assert.throws(
        () => postgres(url),
        (error: Error) => /no PostgreSQL URL/.test(error.message) && !error.message.includes('hunter2'),
        url,
      )
    }
  })

  it('rejects when nobody answers, and after it was closed', async () => {
    const closed = createServer()
    const port = await new Promise<number>((resolve) =>
      closed.listen(0, '127.0.0.1', () => resolve((closed.address() as { port: number }).port)),
    )
    await new Promise((resolve) => closed.close(resolve))
    const database = postgres(`postgres://root:hunter2@127.0.0.1:${port}/test`)
    await assert.rejects(database.ping(), (error: Error) => !String(error).includes('hunter2'))
    await database.close()
    await assert.rejects(database.ping())
    const never = postgres('postgres://127.0.0.1/test')
    await never.close()
    await assert.rejects(async () => never.statement('SELECT 1').get(), { code: 'store-unavailable' })
  })
})
