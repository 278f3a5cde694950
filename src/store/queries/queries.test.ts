import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { sql, type Kysely } from 'kysely'
import { withRoles, type Roles } from '../../../test/support/roles.ts'
import { freshPostgres, postgresUrl } from '../../../test/support/services.ts'
import { accountsMigrations } from '../../accounts/index.ts'
import { migrate } from '../migrate.ts'
import { sqlite } from '../sqlite.ts'
import { applicationDatabase, tenantDatabase, type OwnTables } from './index.ts'
import { tenantScopeRefusedContract } from './tenant-scope-refused.contract.ts'
import { tenantScopeContract } from './tenant-scope.contract.ts'

const server = await postgresUrl()
const skip = 'skip' in server && server.skip

for (const contract of [tenantScopeContract, tenantScopeRefusedContract]) {
  contract('SQLite', () => Promise.resolve(sqlite()))
  contract('PostgreSQL', freshPostgres, {}, skip)
  contract('PostgreSQL, which is told the tenant', freshPostgres, { rowSecurity: true }, skip)
}

describe('the database of the application', () => {
  interface Generated {
    notes: { id: string }
    hf_users: { id: string; login: string }
  }
  const database = sqlite()
  const db = applicationDatabase<Generated>(database)
  before(async () => {
    await migrate(database, accountsMigrations)
    await db.schema.createTable('notes').addColumn('id', 'text').execute()
    await db.insertInto('notes').values({ id: 'one' }).execute()
  })
  after(() => database.close())

  it("reads the application's tables on the same connection", async () => {
    assert.deepEqual(await db.selectFrom('notes').selectAll().execute(), [{ id: 'one' }])
    await assert.rejects(
      db.transaction().execute(async (tx) => {
        await tx.deleteFrom('notes').execute()
        throw new Error('back')
      }),
      /back/,
    )
    assert.equal((await db.selectFrom('notes').selectAll().execute()).length, 1)
    const rows = await sql<{ id: string }>`SELECT id FROM notes WHERE id = ${'one'}`.execute(db)
    assert.deepEqual(rows.rows, [{ id: 'one' }])
  })

  it("does not have Holdfast's tables in its type, also where the schema has them", () => {
    const own: Record<keyof OwnTables<Generated>, true> = { notes: true }
    assert.deepEqual(Object.keys(own), ['notes'])
    // @ts-expect-error: it is no table of the application.
    assert.equal(typeof db.selectFrom('hf_users'), 'object')
  })

  it("refuses Holdfast's tables and functions by whatever name", async () => {
    const any = db as unknown as Kysely<any>
    for (const [index, work] of [
      () => any.selectFrom('hf_users').selectAll().execute(),
      () => any.selectFrom('HF_users as u').selectAll().execute(),
      () => any.selectFrom('public.hf_users').selectAll().execute(),
      () => any.selectFrom('notes').innerJoin('hf_sessions', 'id', 'id').selectAll().execute(),
      () =>
        any
          .selectFrom('notes')
          .where((on: any) => on.exists(on.selectFrom('hf_users').selectAll()))
          .execute(),
      () =>
        any
          .with('x', (on: any) => on.selectFrom('hf_credentials').selectAll())
          .selectFrom('x')
          .selectAll()
          .execute(),
      () => any.updateTable('hf_users').set({ roles: 'admin' }).execute(),
      () => any.insertInto('hf_users').values({ id: 'x' }).execute(),
      () => any.deleteFrom('hf_sessions').execute(),
      () => any.schema.dropTable('hf_users').execute(),
      () => any.schema.alterTable('hf_users').addColumn('x', 'text').execute(),
      () => sql`SELECT * FROM hf_users`.execute(any),
      () => sql`SELECT * FROM "hf_users"`.execute(any),
      () => sql`SELECT * FROM ${sql.table('hf_users')}`.execute(any),
      () => sql`SELECT * FROM ${sql.id('main', 'hf_users')}`.execute(any),
      () => sql`SELECT * FROM ${sql.raw('h')}${sql.raw('f_users')}`.execute(any),
      () => sql.raw('SELECT * FROM Hf_Users').execute(any),
      () => sql`SELECT * FROM U&"\\0068f_users"`.execute(any),
      () => any.selectNoFrom((on: any) => on.fn('hf_password_hashes', [on.val('x'), on.val(0)]).as('x')).execute(),
      () => any.selectNoFrom((on: any) => on.fn.agg('hf_password_hashes', [on.val('x')]).as('x')).execute(),
      () =>
        any
          .selectFrom('notes')
          .select((on: any) => on.fn.agg('count(*), (select login from hf_users), sum', [on.val(1)]).as('x'))
          .execute(),
      () => any.withoutPlugins().selectFrom('hf_users').selectAll().execute(),
      () => any.executeQuery(database.kysely.selectFrom('hf_users').selectAll().compile()),
    ].entries())
      await assert.rejects(async () => await work(), { code: 'store-misuse' }, `${index}: ${String(work)}`)
    assert.equal(
      (await database.kysely.introspection.getTables()).some(({ name }) => name === 'hf_users'),
      true,
    )
  })

  it('does not end the connections of Holdfast when it is destroyed', async () => {
    await applicationDatabase(database).destroy()
    await database.ping()
  })
})

describe('row-level security behind the database of a tenant', { skip }, () => {
  interface Schema {
    notes: { id: string; tenant_id: string }
  }
  let roles: Roles
  before(async () => {
    const own = [{ id: 'notes-1', up: () => ['CREATE TABLE notes (id text PRIMARY KEY, tenant_id text)'] }]
    roles = await withRoles({ own, tables: ['notes'], tenants: [{ table: 'notes', column: 'tenant_id' }] })
    await sql`INSERT INTO notes VALUES ('a', 'acme'), ('b', 'bolt')`.execute(roles.admin.kysely)
  })
  after(() => roles?.close())

  it('shows the rows of the tenant to the scope that names it, statement by statement and in transactions', async () => {
    const acme = tenantDatabase<Schema>(roles.application, { notes: 'tenant_id' }, 'acme', { rowSecurity: true })
    const read = (db: Kysely<Schema>) => db.selectFrom('notes').select('id').execute()
    assert.deepEqual(await read(acme), [{ id: 'a' }])
    assert.deepEqual(await acme.transaction().execute(read), [{ id: 'a' }])
    await acme.insertInto('notes').values({ id: 'c', tenant_id: 'acme' }).execute()
    await assert.rejects(acme.insertInto('notes').values({ id: 'a', tenant_id: 'acme' }).execute(), { code: '23505' })
    assert.equal((await read(acme)).length, 2)
  })

  it('shows nothing where the first wall was forgotten', async () => {
    const forgetful = applicationDatabase<Schema>(roles.application)
    assert.deepEqual(await forgetful.selectFrom('notes').selectAll().execute(), [])
    assert.equal((await forgetful.deleteFrom('notes').executeTakeFirst()).numDeletedRows, 0n)
    const notTold = tenantDatabase<Schema>(roles.application, { notes: 'tenant_id' }, 'acme')
    assert.deepEqual(await notTold.selectFrom('notes').selectAll().execute(), [])
  })
})
