/** What every database must do, whichever dialect. Run by the tests of sqlite and postgres with an empty database. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { sql } from 'kysely'
import type { Database } from './database.ts'
import { isUniqueViolation } from './errors.ts'
import { migrate, pending } from './migrate.ts'
import { race } from '../../test/support/race.ts'

const migrations = [
  {
    id: 'contract-1',
    up: (dialect: Database['dialect']) => {
      const bytes = dialect === 'sqlite' ? 'BLOB' : 'BYTEA'
      return [
        `CREATE TABLE thing (id BIGINT PRIMARY KEY, name TEXT UNIQUE, bytes ${bytes}, big BIGINT, ratio DOUBLE PRECISION)`,
        'CREATE TABLE tally (id BIGINT PRIMARY KEY, amount BIGINT NOT NULL)',
      ]
    },
  },
]

export interface OpenedDatabase {
  readonly database: Database
  /** Another connection to the same rows, as another process has one; none for a database in memory. */
  readonly again?: () => Database
  close(): Promise<void>
}

export function databaseContract(name: string, open: () => Promise<OpenedDatabase>): void {
  describe(`the database: ${name}`, () => {
    let opened: OpenedDatabase
    let database: Database
    let used = 0
    const id = (): number => ++used
    const insert = (row: number, text: string | null): unknown =>
      database.statement('INSERT INTO thing (id, name) VALUES (?, ?)').run(row, text)
    const find = (row: number): unknown => database.statement<{ name: string }>('SELECT name FROM thing WHERE id = ?').get(row)

    before(async () => {
      opened = await open()
      database = opened.database
      await migrate(database, migrations)
    })
    after(() => opened?.close())

    it('gives back every kind of value, in plain rows', async () => {
      const row = id()
      const bytes = new Uint8Array([0, 255, 39])
      const insertion = database.statement('INSERT INTO thing (id, name, bytes, big, ratio) VALUES (?, ?, ?, ?, ?)')
      assert.deepEqual(await insertion.run(row, "it's é \u{1f600}", bytes, Number.MAX_SAFE_INTEGER, 0.5), { changes: 1 })
      const expected = { id: row, name: "it's é \u{1f600}", bytes, big: Number.MAX_SAFE_INTEGER, ratio: 0.5 }
      assert.deepEqual(await database.statement('SELECT * FROM thing WHERE id = ?').get(row), expected)
      assert.deepEqual(await database.kysely.selectFrom('thing').selectAll().where('id', '=', row).execute(), [expected])
      await insertion.run(id(), null, null, 9_007_199_254_740_991n, null)
      assert.deepEqual(await database.statement('SELECT name, bytes, big, ratio FROM thing WHERE id = ?').all(used), [
        { name: null, bytes: null, big: Number.MAX_SAFE_INTEGER, ratio: null },
      ])
    })

    it('refuses an integer that a number cannot hold, rather than round it', async () => {
      const row = id()
      await database.statement('INSERT INTO thing (id, big) VALUES (?, ?)').run(row, 2n ** 62n)
      await assert.rejects(async () => database.statement('SELECT big FROM thing WHERE id = ?').get(row), RangeError)
    })

    it('answers undefined for no row, and an empty list', async () => {
      assert.equal(await find(0), undefined)
      assert.deepEqual(await database.statement('SELECT id FROM thing WHERE id = ?').all(0), [])
    })

    it('returns rows and counts from statements that write', async () => {
      const row = id()
      const returned = await database.statement('INSERT INTO thing (id, name) VALUES (?, ?) RETURNING id').get(row, 'returning')
      assert.deepEqual(returned, { id: row })
      assert.deepEqual(await database.statement('UPDATE thing SET name = ? WHERE id = ?').run('changed', row), { changes: 1 })
      const result = await database.kysely.deleteFrom('thing').where('id', '=', row).executeTakeFirst()
      assert.equal(result.numDeletedRows, 1n)
    })

    it('counts as a number, in both ways of asking', async () => {
      const { count } = (await database.statement<{ count: number }>('SELECT count(*) AS count FROM tally').get()) ?? {}
      assert.equal(count, 0)
      const row = await database.kysely
        .selectFrom('tally')
        .select(({ fn }) => fn.countAll().as('count'))
        .executeTakeFirst()
      assert.equal(row?.count, 0)
    })

    it('leaves question marks in quotes and comments alone', async () => {
      const text = `SELECT '? it''s ?' AS "a?" /* ? */, ? AS b -- ?`
      assert.deepEqual(await database.statement(text).get('x'), { 'a?': "? it's ?", b: 'x' })
    })

    it('keeps a text that tries to be SQL a text', async () => {
      const row = id()
      await insert(row, "'); DROP TABLE thing; --")
      assert.deepEqual(await find(row), { name: "'); DROP TABLE thing; --" })
    })

    it('refuses too many and too few values, a second statement and a transaction begun by hand', async () => {
      await assert.rejects(async () => database.statement('SELECT ? AS a').get(), RangeError)
      await assert.rejects(async () => database.statement('SELECT 1 AS a').get(1), RangeError)
      await assert.rejects(async () => database.statement('SELECT 1; DROP TABLE thing').get(), { code: 'store-misuse' })
      await assert.rejects(async () => database.statement('BEGIN').run(), { code: 'store-misuse' })
    })

    it('recognises a row that stands there already, whoever tells', async () => {
      const row = id()
      await insert(row, 'unique')
      await assert.rejects(async () => insert(row, 'other'), isUniqueViolation)
      await assert.rejects(async () => insert(id(), 'unique'), isUniqueViolation)
      await assert.rejects(database.kysely.insertInto('thing').values({ id: row }).execute(), isUniqueViolation)
      await assert.rejects(
        async () => database.statement('INSERT INTO tally (id, amount) VALUES (?, NULL)').run(id()),
        (error) => !isUniqueViolation(error),
      )
    })

    it('commits a transaction as a whole and gives back what the work gives', async () => {
      const [one, two] = [id(), id()]
      const result = await database.transaction(async (tx) => {
        await tx.insertInto('thing').values({ id: one, name: 'tx one' }).execute()
        await tx.insertInto('thing').values({ id: two, name: 'tx two' }).execute()
        return 'done'
      })
      assert.equal(result, 'done')
      assert.deepEqual([await find(one), await find(two)], [{ name: 'tx one' }, { name: 'tx two' }])
    })

    it('rolls back when the work rejects, and goes on', async () => {
      const row = id()
      const failing = database.transaction(async (tx) => {
        await tx.insertInto('thing').values({ id: row, name: 'rolled back' }).execute()
        throw new Error('changed my mind')
      })
      await assert.rejects(failing, /changed my mind/)
      assert.equal(await find(row), undefined)
      await database.transaction(async (tx) => tx.insertInto('thing').values({ id: row, name: 'second try' }).execute())
      assert.deepEqual(await find(row), { name: 'second try' })
    })

    it('keeps statements and queries of others out of a transaction that rolls back', async () => {
      const [inside, statement, query] = [id(), id(), id()]
      const { promise: midway, resolve: reached } = Promise.withResolvers<void>()
      const { promise: others, resolve: started } = Promise.withResolvers<void>()
      const failing = database.transaction(async (tx) => {
        await tx.insertInto('thing').values({ id: inside, name: 'inside' }).execute()
        reached()
        await others
        await sql`SELECT 1`.execute(tx)
        throw new Error('rolled back')
      })
      await midway
      const written = [
        Promise.resolve(insert(statement, 'from a statement')),
        database.kysely.insertInto('thing').values({ id: query, name: 'from a query' }).execute(),
      ]
      const seen = Promise.all([find(inside), database.kysely.selectFrom('thing').selectAll().where('id', '=', inside).execute()])
      started()
      await assert.rejects(failing, /rolled back/)
      await Promise.all(written)
      assert.deepEqual(await seen, [undefined, []])
      assert.deepEqual(
        [await find(inside), await find(statement), await find(query)],
        [undefined, { name: 'from a statement' }, { name: 'from a query' }],
      )
    })

    it('loses no write when transactions, statements and queries race', async () => {
      const row = id()
      await database.statement('INSERT INTO tally (id, amount) VALUES (?, 0)').run(row)
      const add = 'UPDATE tally SET amount = amount + 1 WHERE id = ?'
      await race(30, async (index) => {
        if (index % 3 === 0) return void (await database.statement(add).run(row))
        if (index % 3 === 1)
          return void (await database.kysely
            .updateTable('tally')
            .set({ amount: sql`amount + 1` })
            .where('id', '=', row)
            .execute())
        return database.transaction(async (tx) => {
          const query = tx.selectFrom('tally').select('amount').where('id', '=', row)
          const { amount } = await (database.dialect === 'sqlite' ? query : query.forUpdate()).executeTakeFirstOrThrow()
          await tx
            .updateTable('tally')
            .set({ amount: amount + 1 })
            .where('id', '=', row)
            .execute()
        })
      })
      assert.deepEqual(await database.statement('SELECT amount FROM tally WHERE id = ?').get(row), { amount: 30 })
    })

    it('runs a savepoint of a controlled transaction', async () => {
      const [kept, dropped] = [id(), id()]
      const tx = await database.kysely.startTransaction().execute()
      await tx.insertInto('thing').values({ id: kept, name: 'kept' }).execute()
      const saved = await tx.savepoint('here').execute()
      await saved.insertInto('thing').values({ id: dropped, name: 'dropped' }).execute()
      await saved.rollbackToSavepoint('here').execute()
      await tx.commit().execute()
      assert.deepEqual([await find(kept), await find(dropped)], [{ name: 'kept' }, undefined])
    })

    it('migrates once, also when several start at once', async (context) => {
      const more = [...migrations, { id: 'contract-2', up: () => ['CREATE TABLE later (id BIGINT PRIMARY KEY)'] }]
      assert.deepEqual(await pending(database, more), ['contract-2'])
      const { again } = opened
      const others = again === undefined ? [] : [again(), again()]
      context.after(() => Promise.all(others.map((other) => other.close())))
      const applied = await Promise.all([database, ...others, database].map((each) => migrate(each, more)))
      assert.deepEqual(applied.flat(), ['contract-2'])
      assert.deepEqual(await pending(database, more), [])
      assert.deepEqual(await migrate(database, more), [])
    })

    it('closes more than once', async (context) => {
      const { again } = opened
      if (again === undefined) return context.skip('one connection only')
      const other = again()
      await other.ping()
      await Promise.all([other.close(), other.close()])
      await other.close()
      await assert.rejects(async () => other.ping())
    })
  })
}
