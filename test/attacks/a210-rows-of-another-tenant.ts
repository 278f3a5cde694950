import { sql, type Kysely } from 'kysely'
import { defineAttack } from '../support/attack.ts'
import { notesMigrations, outcome, SECRET, twoTenants, type NotesSchema } from '../support/tenant-notes.ts'
import { unguarded } from '../support/weak-store.ts'

type Own = Kysely<NotesSchema>

/** Handlers that forgot the tenant, as they are written. */
const READS: readonly ((own: Own) => Promise<unknown>)[] = [
  (own) => own.selectFrom('notes').selectAll().where('id', '=', 'theirs').execute(),
  (own) =>
    own
      .selectFrom('notes')
      .selectAll()
      .where(sql<boolean>`id = 'own' or id = 'theirs'`)
      .execute(),
]
const WRITES: readonly ((own: Own) => Promise<unknown>)[] = [
  (own) => own.updateTable('notes').set({ text: 'defaced' }).where('id', '=', 'theirs').execute(),
  (own) => own.deleteFrom('notes').where('id', '=', 'theirs').execute(),
]
const INSERTS: readonly ((own: Own) => Promise<unknown>)[] = [
  (own) => own.insertInto('notes').values({ id: 'planted', tenant_id: 'victims', text: 'planted' }).execute(),
  (own) =>
    own
      .updateTable('notes')
      .set({ tenant_id: 'victims' } as never)
      .where('id', '=', 'own')
      .execute(),
  (own) =>
    own
      .insertInto('notes')
      .values({ id: 'theirs', tenant_id: 'attackers', text: 'defaced' })
      .onConflict((on) => on.column('id').doUpdateSet({ text: 'defaced' }))
      .execute(),
  (own) => own.replaceInto('notes').values({ id: 'theirs', tenant_id: 'attackers', text: 'defaced' }).execute(),
]
const AROUND: readonly ((own: Own) => Promise<unknown>)[] = [
  (own) => own.selectFrom('notes as a').innerJoin('notes as b', 'a.id', 'a.id').select('b.text').execute(),
  (own) =>
    own
      .selectFrom('notes')
      .select((on) => on.selectFrom('notes as b').select('b.text').where('b.id', '=', 'theirs').as('x'))
      .execute(),
  (own) =>
    own
      .with('every', (on) => on.selectFrom('notes').selectAll())
      .selectFrom('every')
      .selectAll()
      .execute(),
  (own) => own.selectFrom('notes').select('text').unionAll(own.selectFrom('notes').select('text')).execute(),
]
const RAW: readonly ((own: Own) => Promise<unknown>)[] = [
  (own) => sql`SELECT * FROM notes`.execute(own),
  (own) =>
    own
      .selectFrom(sql<NotesSchema['notes']>`notes`.as('n'))
      .select('n.text')
      .execute(),
  (own) =>
    own
      .selectFrom('notes')
      .select(sql`(select group_concat(text) from notes)`.as('x'))
      .execute(),
  (own) => own.selectNoFrom(sql`group_concat(text) from notes`.as('x')).execute(),
  (own) =>
    own
      .selectFrom('notes as a')
      .innerJoin('notes as b', (on) => on.on(sql<boolean>`true join notes as c on true`))
      .select(sql`c.text`.as('x'))
      .execute(),
  (own) =>
    own
      .updateTable('notes')
      .set({ text: sql<string>`'planted', tenant_id = 'victims'` })
      .where('id', '=', 'own')
      .execute(),
]

/** Each on two tenants of its own run; what was taken is seen in the answer, what was done in the rows of the others. */
function across(id: `A${number}`, title: string, works: readonly ((own: Own) => Promise<unknown>)[]) {
  return defineAttack({
    id,
    title,
    control: 'tenantScope',
    options: { migrations: notesMigrations },
    without: { database: unguarded() },
    async succeeds(app) {
      const { own, theirs } = await twoTenants(app)
      let succeeded = 0
      for (const work of works) {
        const before = JSON.stringify(await theirs())
        const answer = await outcome(() => work(own))
        if (answer.includes(SECRET) || JSON.stringify(await theirs()) !== before) succeeded++
      }
      if (succeeded > 0 && succeeded < works.length) throw new Error('Some of them are held, and some are not.')
      return succeeded > 0
    },
  })
}

export default [
  across('A210', "reads another tenant's row by its id, where the handler forgot to ask for the tenant (L95)", READS),
  across('A211', "changes or deletes another tenant's row by its id", WRITES),
  across('A212', 'writes a row into another tenant, moves one there, or writes over one of it', INSERTS),
  across('A213', "reaches another tenant's rows through a join, a subquery, a common table expression or a union", AROUND),
  across('A214', "reaches another tenant's rows through raw text", RAW),
]
