/** What the database of one tenant refuses on every database: rows of others, what it cannot look into, and every way around it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CompiledQuery, sql, type Kysely } from 'kysely'
import type { Database } from '../database.ts'
import type { TenantScopeOptions } from './index.ts'
import { scoped, type Schema } from './tenant-scope-fixture.contract.ts'

const REFUSED = { code: 'store-misuse' }

export function tenantScopeRefusedContract(
  name: string,
  open: () => Promise<Database>,
  options?: TenantScopeOptions,
  skip: string | false = false,
) {
  describe(`what the database of a tenant refuses on ${name}`, { skip }, () => {
    const world = scoped(open, options)

    it('refuses rows of another tenant, and moving one there', async () => {
      const { acme, bolts, theirs } = world
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
      const { acme, bolts, database, theirs } = world
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

    it('refuses raw text that goes on behind the expression that it should be', async () => {
      const { acme, bolts, theirs } = world
      const raw = (text: string) => sql.raw<string>(text)
      const countries = acme.selectFrom('countries')
      const joined = (text: string) =>
        countries.innerJoin('rooms', (on) => on.on(sql.raw<boolean>(text))).select(raw('n.text').as('t'))
      const changed = (text: string) => acme.updateTable('notes').set({ text: raw(text) })
      const selected = (text: string) => acme.selectNoFrom(raw(text).as('x'))
      for (const [index, query] of [
        selected('text from notes'),
        selected('text FROM\nnotes'),
        selected(`text is distinct from text from notes`),
        selected(`text "," from notes where '' =`),
        selected(`['] from notes where ''=[']`),
        acme.selectNoFrom(sql`text from ${sql.table('notes')}`.as('x')),
        acme.selectNoFrom(sql`text ${raw('fr')}${raw('om notes')}`.as('x')),
        acme.selectNoFrom(sql`1`.as(raw('x from notes'))),
        joined('true join notes as n on true'),
        joined('true, notes as n'),
        joined('true cross join notes as n'),
        countries.select(raw('n.text').as('t')).modifyEnd(raw('cross join notes as n')),
        countries.select(raw('n.text').as('t')).modifyEnd(raw(', notes as n')),
        countries.select('code').groupBy(raw('code having true')),
        changed(`'x', tenant_id = 'bolt'`),
        changed(`array['x'], tenant_id = 'bolt', room_id = array[1]`),
        acme.updateTable('notes').set((on) => ({ text: on(raw(`'x', tenant_id = 'bolt', room_id = ''`), '||', 'a') as never })),
        acme
          .insertInto('notes')
          .values({ id: 'a1', text: 'x' })
          .onConflict((on) => on.column('id').doUpdateSet({ text: raw(`'x', tenant_id = 'bolt'`) })),
      ].entries())
        await assert.rejects((query as { execute(): Promise<unknown> }).execute(), REFUSED, `number ${index}`)
      assert.deepEqual(await bolts(), theirs)
    })

    it('refuses functions that run a text as a query, read a table by its name, or name the tenant', async () => {
      const { acme } = world
      const names = ['query_to_xml', 'QUERY_TO_XML', 'table_to_xml', 'cursor_to_xml', 'ts_stat', 'dblink', 'set_config']
      for (const name of names) {
        const queries = [
          acme.selectNoFrom((on) => on.fn(name, [on.val('select * from notes')]).as('x')),
          acme.selectNoFrom((on) => on.fn.agg(name, [on.val('notes')] as never).as('x')),
          acme.selectNoFrom(sql`${sql.raw(name)}('sel' || 'ect * from notes')`.as('x')),
          acme.selectNoFrom(sql`"${sql.raw(name)}"('notes')`.as('x')),
        ]
        for (const query of queries) await assert.rejects(query.execute(), REFUSED, name)
      }
    })

    it('refuses a table that was not declared where an expression of its name begins only later', async () => {
      const { acme } = world
      const any = acme as unknown as Kysely<any>
      const ofItself = any
        .with('forgotten', (on) => on.selectFrom('forgotten').selectAll())
        .selectFrom('forgotten')
        .selectAll()
      const ofLater = any
        .with('one', (on) => on.selectFrom('forgotten').selectAll())
        .with('forgotten', (on) => on.selectFrom('countries').selectAll())
        .selectFrom('one')
        .selectAll()
      const ofInner = any
        .selectFrom((on: any) => on.selectFrom('countries').selectAll().as('c'))
        .selectAll()
        .where((on: any) =>
          on.exists(
            any
              .with('forgotten', (w) => w.selectFrom('countries').selectAll())
              .selectFrom('forgotten')
              .selectAll(),
          ),
        )
        .where((on: any) => on.exists(on.selectFrom('forgotten').selectAll()))
      for (const query of [ofItself, ofLater, ofInner]) await assert.rejects(query.execute(), REFUSED)
    })

    it('stays within the tenant in transactions, savepoints and without plugins', async () => {
      const { acme, database } = world
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
  })
}
