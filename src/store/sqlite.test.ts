import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { atomicContract } from './atomic.contract.ts'
import { databaseContract } from './database.contract.ts'
import { migrate } from './migrate.ts'
import { atomicMigrations, sqlStore } from './sql-atomic.ts'
import { sqlite } from './sqlite.ts'
import { race } from '../../test/support/race.ts'

const execute = promisify(execFile)

const folder = mkdtempSync(join(tmpdir(), 'holdfast-sqlite-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const file = (): string => join(folder, `${files++}.db`)

databaseContract('sqlite in memory', async () => {
  const database = sqlite()
  return { database, close: () => database.close() }
})

databaseContract('sqlite in a file', async () => {
  const path = file()
  const database = sqlite(path)
  return { database, again: () => sqlite(path), close: () => database.close() }
})

databaseContract('sqlite on a client handed in', async () => {
  const client = new DatabaseSync(':memory:')
  const database = sqlite({ client })
  return { database, close: async () => client.close() }
})

atomicContract('sqlite in memory', async () => {
  const database = sqlite()
  await migrate(database, atomicMigrations)
  return { store: sqlStore(database), close: () => database.close() }
})

atomicContract('sqlite in a file', async () => {
  const database = sqlite(file())
  await migrate(database, atomicMigrations)
  return { store: sqlStore(database), close: () => database.close() }
})

describe('sqlite', () => {
  it('answers statements without a promise', () => {
    const statement = sqlite().statement<{ one: number }>('SELECT ? AS one')
    assert.deepEqual(statement.get(1), { one: 1 })
    assert.deepEqual(statement.all(1), [{ one: 1 }])
  })

  it('makes the file for its owner alone, and the folder', () => {
    const path = join(folder, 'new', 'deeper', 'private.db')
    const database = sqlite(path)
    database.statement('CREATE TABLE a (id INTEGER)').run()
    for (const suffix of ['', '-wal', '-shm']) assert.equal(statSync(path + suffix).mode & 0o777, 0o600, suffix)
    assert.equal(statSync(join(folder, 'new')).mode & 0o777, 0o700)
  })

  it('opens with write-ahead log, foreign keys and without the lax quotes', async () => {
    const database = sqlite(file())
    const pragma = async (name: string): Promise<unknown> =>
      Object.values((await database.statement<object>(`PRAGMA ${name}`).get()) ?? {})[0]
    assert.deepEqual(
      [await pragma('journal_mode'), await pragma('foreign_keys'), await pragma('synchronous'), await pragma('trusted_schema')],
      ['wal', 1, 1, 0],
    )
    assert.throws(() => database.statement('SELECT "no such column"').get(), /no such column/)
    assert.throws(() => database.statement(`SELECT load_extension('x')`).get(), /not authorized|no such function/)
  })

  it('says what, why and how when it cannot open', () => {
    const text = join(folder, 'text.db')
    writeFileSync(text, 'this is a text and no database, long enough to be read as one '.repeat(20))
    assert.throws(() => sqlite(text), {
      code: 'store-misconfigured',
      message: /text\.db could not be opened: .*not a database.*folder must exist/s,
    })
    assert.throws(() => sqlite(join(text, 'below.db')), { code: 'store-misconfigured', message: /could not be opened/ })
    assert.throws(() => sqlite(folder), { code: 'store-misconfigured' })
    for (const path of ['', 'a\0b', 'file:x?mode=memory']) assert.throws(() => sqlite(path), { code: 'store-misconfigured' })
  })

  it('tells whether others see its rows', () => {
    assert.deepEqual(
      [sqlite().shared, sqlite(file()).shared, sqlite({ client: new DatabaseSync(':memory:') }).shared],
      [false, true, false],
    )
  })

  it('reads what was committed while a transaction is under way, at once, and promises writes', async () => {
    const database = sqlite(file())
    database.statement('CREATE TABLE a (id INTEGER)').run()
    const write = database.statement('INSERT INTO a (id) VALUES (?)')
    const { promise: end, resolve } = Promise.withResolvers<void>()
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const transaction = database.transaction(async (tx) => {
      await tx.insertInto('a').values({ id: 1 }).execute()
      begin()
      await end
    })
    await begun
    assert.deepEqual(database.statement('SELECT id FROM a').all(), [])
    const written = write.run(2)
    assert.ok(written instanceof Promise)
    resolve()
    await transaction
    assert.deepEqual(await written, { changes: 1 })
    assert.deepEqual(database.statement('SELECT id FROM a ORDER BY id').all(), [{ id: 1 }, { id: 2 }])
  })

  it('refuses a statement that waits inside of the transaction it waits for, instead of hanging', async () => {
    const database = sqlite({ busyTimeout: 20 })
    database.statement('CREATE TABLE a (id INTEGER)').run()
    const own = database.transaction(async () => database.statement('INSERT INTO a (id) VALUES (1)').run())
    await assert.rejects(own, { code: 'store-busy', message: /use only the tx/ })
    const nested = database.transaction(async () => database.transaction(async () => 'never'))
    await assert.rejects(nested, { code: 'store-busy' })
    assert.deepEqual(await database.statement('INSERT INTO a (id) VALUES (1)').run(), { changes: 1 })
  })

  it('rolls a transaction back that does not end, and lets the others in', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const database = sqlite({ transactionTimeout: 1000 })
    await database.statement('CREATE TABLE a (id INTEGER)').run()
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const { promise: end, resolve } = Promise.withResolvers<void>()
    const slow = database.transaction(async (tx) => {
      await tx.insertInto('a').values({ id: 1 }).execute()
      begin()
      await end
      await tx.insertInto('a').values({ id: 2 }).execute()
    })
    await begun
    const waiting = Promise.resolve(database.statement('INSERT INTO a (id) VALUES (3)').run())
    context.mock.timers.tick(1000)
    assert.deepEqual(await waiting, { changes: 1 })
    resolve()
    await assert.rejects(slow, { code: 'store-busy', message: /took too long/ })
    assert.deepEqual(database.statement('SELECT id FROM a').all(), [{ id: 3 }])
  })

  it('waits for another process without blocking, and says so when that takes too long', async () => {
    const path = file()
    const database = sqlite({ path, busyTimeout: 60 })
    database.statement('CREATE TABLE a (id INTEGER)').run()
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    const patient = database.statement('INSERT INTO a (id) VALUES (1)').run()
    assert.ok(patient instanceof Promise)
    other.exec('COMMIT')
    assert.deepEqual(await patient, { changes: 1 })
    other.exec('BEGIN IMMEDIATE')
    await assert.rejects(async () => database.statement('INSERT INTO a (id) VALUES (1)').run(), {
      code: 'store-busy',
      message: /Another process/,
    })
    await assert.rejects(
      database.transaction(async () => {}),
      { code: 'store-busy' },
    )
    other.exec('ROLLBACK')
    await database.transaction(async (tx) => tx.insertInto('a').values({ id: 3 }).execute())
    assert.deepEqual(database.statement('SELECT id FROM a').all(), [{ id: 1 }, { id: 3 }])
  })

  it('has one winner among processes, for a migration and for a code', async () => {
    const path = file()
    const script = `
      const { sqlite } = await import(process.argv[1] + '/sqlite.ts')
      const { migrate } = await import(process.argv[1] + '/migrate.ts')
      const { atomicMigrations, sqlStore } = await import(process.argv[1] + '/sql-atomic.ts')
      const database = sqlite(process.argv[2])
      const applied = await migrate(database, atomicMigrations)
      const store = sqlStore(database)
      let won = 0
      for (let key = 0; key < 200; key++) if (await store.reserve('key ' + key, String(process.pid), 1000, 1)) won++
      process.stdout.write(JSON.stringify({ applied: applied.length, won }))`
    const start = async (): Promise<{ applied: number; won: number }> =>
      JSON.parse(
        (await execute(process.execPath, ['--input-type=module', '-e', script, import.meta.dirname, path])).stdout,
      ) as never
    const results = await race(3, start)
    assert.equal(
      results.reduce((sum, { applied }) => sum + applied, 0),
      1,
    )
    assert.equal(
      results.reduce((sum, { won }) => sum + won, 0),
      200,
    )
  })

  it('reports a commit that fails, and is usable after it', async () => {
    const database = sqlite()
    database.statement('CREATE TABLE parent (id INTEGER PRIMARY KEY)').run()
    database.statement('CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)').run()
    await assert.rejects(
      database.transaction(async (tx) => tx.insertInto('child').values({ id: 7 }).execute()),
      /FOREIGN KEY/,
    )
    await assert.rejects(async () => database.statement('INSERT INTO child (id) VALUES (7) RETURNING id').get(), /FOREIGN KEY/)
    assert.deepEqual(database.statement('SELECT id FROM child').all(), [])
  })

  it('refuses an object as a parameter, which node:sqlite would take for named ones', async () => {
    const database = sqlite()
    database.statement('CREATE TABLE a (id TEXT, name TEXT)').run()
    const body = {} as unknown as string
    assert.throws(() => database.statement('SELECT * FROM a WHERE id = ? AND name = ?').get(body, 'x'), TypeError)
    await assert.rejects(database.kysely.selectFrom('a').selectAll().where('id', '=', body).execute(), TypeError)
  })

  it('prepares again what fell out of its cache, and sees a column that came later', async () => {
    const database = sqlite()
    database.statement('CREATE TABLE a (id INTEGER)').run()
    database.statement('INSERT INTO a (id) VALUES (1)').run()
    const all = database.statement('SELECT * FROM a')
    assert.deepEqual(all.get(), { id: 1 })
    await sql`ALTER TABLE a ADD COLUMN name TEXT`.execute(database.kysely)
    assert.deepEqual(all.get(), { id: 1, name: null })
    for (let index = 0; index < 300; index++) database.statement(`SELECT ${index} AS number`).get()
    assert.deepEqual(all.get(), { id: 1, name: null })
  })

  it('streams what a query gives', async () => {
    const database = sqlite()
    database.statement('CREATE TABLE a (id INTEGER)').run()
    database.statement('INSERT INTO a (id) VALUES (1), (2)').run()
    const rows = await collect(database.kysely.selectFrom('a').selectAll().stream())
    assert.deepEqual(rows, [{ id: 1 }, { id: 2 }])
  })

  it('leaves a client open that was handed in, and a file that was there as it is', async () => {
    const client = new DatabaseSync(':memory:')
    await sqlite({ client }).close()
    assert.equal(client.isOpen, true)
    const path = file()
    await sqlite(path).close()
    chmodSync(path, 0o640)
    await sqlite(path).close()
    assert.equal(statSync(path).mode & 0o777, 0o640)
  })
})

async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const row of rows) collected.push(row)
  return collected
}
