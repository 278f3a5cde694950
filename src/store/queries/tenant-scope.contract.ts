/** What the database of one tenant must hold on every database: no row of another one is read, changed, joined or written over. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sql, type Kysely } from 'kysely'
import type { Database } from '../database.ts'
import type { TenantScopeOptions } from './index.ts'
import { scoped } from './tenant-scope-fixture.contract.ts'

export function tenantScopeContract(
  name: string,
  open: () => Promise<Database>,
  options?: TenantScopeOptions,
  skip: string | false = false,
) {
  describe(`the database of a tenant on ${name}`, { skip }, () => {
    const world = scoped(open, options)

    it('reads its own rows, whatever is asked for', async () => {
      const { acme } = world
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
      const { acme } = world
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
      const { acme } = world
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
      const { acme, all, bolts, theirs } = world
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
      const { acme, all, bolts, theirs } = world
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

    it('leaves expressions alone', async () => {
      const { acme } = world
      const pattern = 'O%'
      const rows = await acme
        .selectFrom('notes')
        .select(['id', sql<string>`upper(text)`.as('loud')])
        .where(sql<boolean>`lower(${sql.ref('text')}) like lower(${pattern}) escape '!'`)
        .execute()
      assert.deepEqual(rows, [{ id: 'a1', loud: 'ONE' }])
      const lists = await acme
        .selectFrom('notes')
        .select(sql<string>`coalesce(${sql.join([sql.ref('room_id'), sql`'a, from b'`])})`.as('room'))
        .where(sql<boolean>`text is not distinct from ${'one'} and id in (${sql.join(['a1', 'b1'])})`)
        .orderBy(sql`room_id desc nulls last`)
        .execute()
      assert.deepEqual(lists, [{ room: 'ra' }])
      const chained = await acme
        .with('one', (on) => on.selectFrom('rooms').selectAll())
        .with('two', (on) => on.selectFrom('one').select('name'))
        .selectFrom('two')
        .innerJoin('one', 'one.name', 'two.name')
        .select('two.name')
        .execute()
      assert.deepEqual(chained, [{ name: 'red' }])
    })
  })
}
