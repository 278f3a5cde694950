import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Migration } from './database.ts'
import { migrate, pending } from './migrate.ts'
import { sqlite } from './sqlite.ts'

const step = (id: string, ...texts: string[]): Migration => ({ id, up: () => texts })
const ONE = step('part-1', 'CREATE TABLE one (id INTEGER PRIMARY KEY)')
const TWO = step('part-2', 'CREATE TABLE two (id INTEGER PRIMARY KEY)')
const refused = { name: 'StoreError', code: 'store-migration' }

describe('migrate', () => {
  it('applies in order, once, and stamps with the clock it is given', async () => {
    const database = sqlite()
    assert.deepEqual(await pending(database, [ONE, TWO]), ['part-1', 'part-2'])
    assert.deepEqual(await migrate(database, [ONE], { now: () => 42 }), ['part-1'])
    assert.deepEqual(await migrate(database, [ONE, TWO]), ['part-2'])
    assert.deepEqual(await migrate(database, [ONE, TWO]), [])
    assert.deepEqual(await database.statement('SELECT applied_at FROM hf_migrations WHERE id = ?').get('part-1'), {
      applied_at: 42,
    })
  })

  it('refuses a migration that was edited after it was applied', async () => {
    const database = sqlite()
    await migrate(database, [ONE])
    const edited = step('part-1', 'CREATE TABLE one (id INTEGER PRIMARY KEY, more TEXT)')
    await assert.rejects(migrate(database, [edited]), { ...refused, message: /part-1 was applied in other words/ })
    await assert.rejects(pending(database, [edited]), refused)
  })

  it('refuses a database that a newer version made, and leaves it alone', async () => {
    const database = sqlite()
    await migrate(database, [ONE, TWO])
    await assert.rejects(migrate(database, [ONE]), { ...refused, message: /part-2, which this version does not know/ })
  })

  it('leaves parts alone that it was not given', async () => {
    const database = sqlite()
    await migrate(database, [ONE])
    assert.deepEqual(await migrate(database, [step('other-1', 'CREATE TABLE other (id INTEGER)')]), ['other-1'])
  })

  it('refuses to apply one behind a later one of its part', async () => {
    const database = sqlite()
    await migrate(database, [ONE, step('part-3', 'CREATE TABLE three (id INTEGER)')])
    const late = [ONE, TWO, step('part-3', 'CREATE TABLE three (id INTEGER)')]
    await assert.rejects(migrate(database, late), { ...refused, message: /part-2 is missing/ })
  })

  it('applies all of a start or nothing', async () => {
    const database = sqlite()
    await assert.rejects(migrate(database, [ONE, step('part-2', 'CREATE TABLE nonsense')]))
    assert.deepEqual(await pending(database, [ONE]), ['part-1'])
    assert.equal(await database.statement(`SELECT name FROM sqlite_master WHERE name = 'one'`).get(), undefined)
  })

  it('refuses ids that are none, stand twice or run backwards', async () => {
    for (const list of [[step('Part-1')], [step('part')], [step('part-0')], [ONE, ONE], [TWO, ONE]]) {
      await assert.rejects(migrate(sqlite(), list), refused)
    }
  })

  it('refuses two statements in one text, of which SQLite would run the first, but takes a trigger', async () => {
    const two = step('part-1', 'CREATE TABLE a (id INTEGER); CREATE TABLE b (id INTEGER)')
    await assert.rejects(migrate(sqlite(), [two]), { code: 'store-misuse' })
    const trigger = "CREATE TRIGGER keep BEFORE DELETE ON one BEGIN SELECT RAISE(ABORT, 'kept; for ever'); SELECT 1; END"
    const database = sqlite()
    await migrate(database, [ONE, step('part-2', trigger)])
    await database.statement('INSERT INTO one (id) VALUES (1)').run()
    await assert.rejects(async () => database.statement('DELETE FROM one').run(), /kept; for ever/)
  })
})
