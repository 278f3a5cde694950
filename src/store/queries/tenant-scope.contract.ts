/** What the database of one tenant must hold on every database: no row of another one is read, changed, joined, moved or written over. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { CompiledQuery, sql, type Kysely } from 'kysely'
import type { Database } from '../database.ts'
import { tenantDatabase, type TenantColumn, type TenantScopeOptions } from './index.ts'

interface Schema {
  notes: { id: string; tenant_id: TenantColumn; room_id: string | null; text: string }
  rooms: { id: string; tenant: TenantColumn; name: string }
  countries: { code: string; name: string }
  forgotten: { id: string }
}

const TABLES = { notes: 'tenant_id', rooms: 'tenant', countries: false } as const
const REFUSED = { code: 'store-misuse' }

export function tenantScopeContract(
  name: string,
  open: () => Promise<Database>,
  options?: TenantScopeOptions,
  skip: string | false = false,
) {
  describe(`the database of a tenant on ${name}`, { skip }, () => {
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

    it('reads its own rows, whatever is asked for', async () => {
      const ids = async (query: { execute(): Promise<readonly { readonly id: string }[]> }) =>
        (await query.execute()).map(({ id }) => id).toSorted()
      const notes = acme.selectFrom('notes')
      assert.deepEqual(await ids(notes.selectAll()), ['a1', 'a2'])
      assert.deepEqual(await ids(notes.select('id').where('id', '=', 'b1')), [])
      assert.deepEqual(await ids(notes.select('id').where('tenant_id', '=', 'bolt')), [])
      assert.deepEqual(await ids(notes.select('id').where((on) => on.or([on('id', '=', 'a1'), on('id', '=', 'b1')]))), ['a1'])
      assert.deepEqual(await ids(notes.select('id').where(sql<boolean>`id = 'a1' or 1 = 1`)), ['a1', 'a2'])
      assert.deepEqual(await ids(acme.selectFrom('notes as n').select('n.id').orderBy('n.id')), ['a1', 'a2'])
      assert.deepEqual(await ids(notes.select('id').union(acme.selectFrom('notes').select('id'))), ['a1', 'a2'])
      assert.deepEqual(await ids(acme.selectFrom((on) => on.selectFrom('notes').selectAll().as('n')).select('n.id')), [
        'a1',
        'a2',
      ])
      const counted = await notes.select((on) => on.fn.countAll().as('count')).executeTakeFirstOrThrow()
      assert.equal(Number(counted.count), 2)
      assert.equal((await acme.selectFrom('countries').selectAll().execute()).length, 1)
    })

    it('joins its own rows alone, and keeps outer joins what they are', async () => {
      const left = await acme
        .selectFrom('notes as n')
        .leftJoin('rooms as r', 'r.id', 'n.room_id')
        .select(['n.id', 'r.name'])
        .orderBy('n.id')
        .execute()
      assert.deepEqual(left, [
        { id: 'a1', name: 'red' },
        { id: 'a2', name: null },
      ])
      const inner = await acme
        .selectFrom('notes')
        .innerJoin('rooms', 'rooms.id', 'notes.room_id')
        .select(['notes.id', 'rooms.name'])
        .execute()
      assert.deepEqual(inner, [{ id: 'a1', name: 'red' }])
      const cross = await acme.selectFrom('countries').crossJoin('rooms').select('rooms.name').execute()
      assert.deepEqual(cross, [{ name: 'red' }])
      const right = await acme
        .selectFrom('rooms')
        .rightJoin('notes', 'rooms.id', 'notes.room_id')
        .select('notes.id')
        .orderBy('notes.id')
        .execute()
      assert.deepEqual(right, [{ id: 'a1' }, { id: 'a2' }])
    })

    it('keeps subqueries and common table expressions within it', async () => {
      const inWhere = acme
        .selectFrom('countries')
        .select('code')
        .where((on) => on.exists(on.selectFrom('notes').select('id').where('id', '=', 'b1')))
      assert.deepEqual(await inWhere.execute(), [])
      const inSelect = acme
        .selectFrom('countries')
        .select((on) => on.selectFrom('rooms').select('name').where('id', '=', 'rb').as('name'))
      assert.deepEqual(await inSelect.execute(), [{ name: null }])
      const named = acme
        .with('mine', (on) => on.selectFrom('notes').selectAll())
        .selectFrom('mine')
        .select('id')
        .orderBy('id')
      assert.deepEqual(await named.execute(), [{ id: 'a1' }, { id: 'a2' }])
      const recursive = (acme as Kysely<any>).withRecursive('walk', (on) =>
        on
          .selectFrom('rooms')
          .select('id')
          .union((more) => more.selectFrom('rooms').innerJoin('walk', 'rooms.id', 'walk.id').select('rooms.id')),
      )
      assert.deepEqual(await recursive.selectFrom('walk').select('id').execute(), [{ id: 'ra' }])
    })

    it('changes and deletes its own rows alone', async () => {
      assert.equal(
        (await acme.updateTable('notes').set({ text: 'new' }).where('id', '=', 'b1').executeTakeFirst()).numUpdatedRows,
        0n,
      )
      assert.equal((await acme.updateTable('notes').set({ text: 'new' }).executeTakeFirst()).numUpdatedRows, 2n)
      assert.equal(
        (
          await acme
            .updateTable('notes')
            .set({ text: 'x' })
            .where(sql<boolean>`1 = 1 or 1 = 1`)
            .executeTakeFirst()
        ).numUpdatedRows,
        2n,
      )
      const bySubquery = acme
        .updateTable('notes')
        .set((on) => ({ text: on.selectFrom('rooms').select('name').where('id', '=', 'rb') as never }))
      await assert.rejects(bySubquery.execute(), /null/i, 'the room of the other tenant has no name for us')
      await acme.updateTable('notes').from('rooms').set({ text: 'by join' }).whereRef('rooms.id', '=', 'notes.room_id').execute()
      assert.deepEqual(
        (await all('notes')).filter(({ text }) => text === 'by join').map(({ id }) => id),
        ['a1'],
      )
      assert.equal((await acme.deleteFrom('notes').where('id', 'in', ['a2', 'b1', 'b2']).executeTakeFirst()).numDeletedRows, 1n)
      assert.equal((await acme.deleteFrom('notes').executeTakeFirst()).numDeletedRows, 1n)
      assert.deepEqual(await bolts(), theirs)
    })

    it('gives every new row the tenant, and writes over none of another one', async () => {
      await acme.insertInto('notes').values({ id: 'a3', text: 'three' }).execute()
      await acme
        .insertInto('notes')
        .values([
          { id: 'a4', text: 'four', tenant_id: 'acme' },
          { id: 'a5', text: 'five' },
        ])
        .execute()
      await acme
        .insertInto('notes')
        .columns(['id', 'text'])
        .expression((on) => on.selectFrom('rooms').select(['id', 'name']))
        .execute()
      const upsert = (id: string) =>
        acme
          .insertInto('notes')
          .values({ id, text: 'mine' })
          .onConflict((on) => on.column('id').doUpdateSet({ text: 'mine' }))
          .execute()
      await upsert('a1')
      await upsert('b1').catch(() => undefined)
      const own = (await all('notes')).filter(({ tenant_id: tenant }) => tenant === 'acme').map(({ id, text }) => `${id} ${text}`)
      assert.deepEqual(own, ['a1 mine', 'a2 two', 'a3 three', 'a4 four', 'a5 five', 'ra red'])
      assert.deepEqual(await bolts(), theirs)
    })

    it('refuses rows of another tenant, and moving one there', async () => {
      const { ref } = acme.dynamic
      const values = { id: 'x', text: 'x' }
      for (const query of [
        acme.insertInto('notes').values({ ...values, tenant_id: 'bolt' }),
        acme.insertInto('notes').values([values, { id: 'y', text: 'y', tenant_id: 'bolt' }]),
        acme.insertInto('notes').values({ ...values, tenant_id: sql<string>`'bolt'` }),
        acme
          .insertInto('notes')
          .columns(['id', 'text', 'tenant_id'])
          .expression((on) => on.selectFrom('rooms').select(['id', 'name', sql.lit('bolt').as('t')])),
        acme.insertInto('notes').defaultValues(),
        acme.replaceInto('notes').values(values),
        acme.insertInto('notes').orReplace().values(values),
        acme
          .insertInto('notes')
          .values(values)
          .onConflict((on) => on.column('id').doUpdateSet({ tenant_id: 'acme' } as never)),
        acme.updateTable('notes').set({ tenant_id: 'bolt' } as never),
        acme.updateTable('notes').set({ TENANT_ID: 'bolt' } as never),
        acme.updateTable('notes').set(sql`tenant_id` as never, 'bolt' as never),
        acme.updateTable('notes').set(ref('tenant_id') as never, 'bolt' as never),
        acme.mergeInto('notes').using('rooms', 'rooms.id', 'notes.id').whenMatched().thenDelete(),
      ])
        await assert.rejects((query as { execute(): Promise<unknown> }).execute(), REFUSED, query.constructor.name)
      assert.deepEqual(await bolts(), theirs)
    })

    it('refuses what it cannot look into', async () => {
      const raw = sql<{ id: string }>
      const notes = acme.selectFrom('notes').select('id')
      for (const [index, work] of [
        () => raw`SELECT id FROM notes`.execute(acme),
        () => raw`notes`.execute(acme),
        () =>
          acme
            .selectFrom(raw`notes`.as('n'))
            .select('n.id')
            .execute(),
        () =>
          acme
            .selectFrom(raw`(SELECT * FROM notes)`.as('n'))
            .select('n.id')
            .execute(),
        () => notes.where(raw`id in (select id from notes)` as never).execute(),
        () => notes.where(raw`exists (table notes)` as never).execute(),
        () => notes.where(raw`${raw`sel`}${raw`ect`} 1` as never).execute(),
        () => notes.where(raw`1 = 1) or (1 = 1` as never).execute(),
        () => notes.where(raw`1 = 1 -- ` as never).execute(),
        () => notes.where(raw`1 = 1 /* ` as never).execute(),
        () => notes.where(raw`1 = 1; delete` as never).execute(),
        () => notes.where(raw`text = '` as never).execute(),
        () => notes.modifyEnd(raw`union all select id from notes`).execute(),
        () =>
          acme
            .updateTable('notes')
            .set({ text: 'x' })
            .where(raw`1 = 1 --` as never)
            .execute(),
        () =>
          acme
            .updateTable('notes')
            .set({ text: 'x' })
            .where(raw`1 = 1) or (1 = 1` as never)
            .execute(),
        () =>
          acme
            .selectFrom('countries')
            .select((on) => on.fn<string>('x(), (select 1) as').as('x'))
            .execute(),
        () => acme.selectFrom('forgotten').selectAll().execute(),
        () =>
          acme
            .selectFrom('other.things' as never)
            .selectAll()
            .execute(),
        () =>
          acme
            .with('notes', (on) => on.selectFrom('countries').selectAll())
            .selectFrom('notes')
            .selectAll()
            .execute(),
        () => acme.schema.dropTable('notes').execute(),
        () => acme.introspection.getTables(),
        () => acme.executeQuery(CompiledQuery.raw('SELECT * FROM notes')),
        () => acme.withoutPlugins().executeQuery(CompiledQuery.raw('SELECT * FROM notes')),
        () => acme.transaction().execute((tx) => tx.executeQuery(CompiledQuery.raw('SELECT * FROM notes'))),
        () => acme.connection().execute((one) => one.executeQuery(CompiledQuery.raw('SELECT * FROM notes'))),
        () => acme.executeQuery(database.kysely.selectFrom('notes').selectAll().compile()),
        () => acme.getExecutor().executeQuery(CompiledQuery.raw('SELECT * FROM notes')),
      ].entries())
        await assert.rejects(async () => await work(), REFUSED, `${index}: ${String(work)}`)
      assert.deepEqual(await bolts(), theirs)
    })

    it('stays within the tenant in transactions, savepoints and without plugins', async () => {
      const read = (db: Kysely<Schema>) => db.selectFrom('notes').select('id').orderBy('id').execute()
      const own = [{ id: 'a1' }, { id: 'a2' }]
      assert.deepEqual(await read(acme.withoutPlugins()), own)
      assert.deepEqual(await acme.transaction().execute(read), own)
      assert.deepEqual(await acme.connection().execute(read), own)
      if (database.dialect === 'postgres')
        assert.deepEqual(await acme.selectFrom('notes').select('id').orderBy('id').forUpdate().execute(), own)
      const tx = await acme.startTransaction().execute()
      const point = await tx.savepoint('one').execute()
      await point.deleteFrom('notes').execute()
      const back = await point.rollbackToSavepoint('one').execute()
      assert.deepEqual(await read(back), own)
      await back.rollback().execute()
      await assert.rejects(
        acme.transaction().execute(async (inner) => {
          await inner.deleteFrom('notes').execute()
          throw new Error('rolled back')
        }),
        /rolled back/,
      )
      assert.deepEqual(await read(acme), own)
    })

    it('leaves expressions alone', async () => {
      const pattern = 'O%'
      const rows = await acme
        .selectFrom('notes')
        .select(['id', sql<string>`upper(text)`.as('loud')])
        .where(sql<boolean>`lower(${sql.ref('text')}) like lower(${pattern}) escape '!'`)
        .execute()
      assert.deepEqual(rows, [{ id: 'a1', loud: 'ONE' }])
    })
  })
}
