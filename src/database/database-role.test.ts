/** Starting on PostgreSQL: as whom one may, and what is said to whom one may not. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { sql } from 'kysely'
import { withRoles, type RolesOptions } from '../../test/support/roles.ts'
import { freshPostgres, postgresUrl } from '../../test/support/services.ts'
import { createHoldfast, migrations, Secret, type HoldfastOptions, type SecurityEvent } from '../index.ts'
import { tableStatements } from '../store/grants/statements.ts'
import { migrate } from '../store/migrate.ts'

const server = await postgresUrl()
const folder = mkdtempSync(join(tmpdir(), 'holdfast-role-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const start = (database: string, options: Partial<HoldfastOptions> = {}) =>
  createHoldfast({
    origin: 'https://app.example',
    data: folder,
    log: 'silent',
    mode: 'production',
    database: new Secret(database),
    ...options,
  })

async function roles(t: { after(work: () => Promise<void>): void }, options?: RolesOptions) {
  const made = await withRoles(options)
  t.after(() => made.close())
  return made
}

describe('starting on PostgreSQL in production', { skip: 'skip' in server && server.skip }, () => {
  it('is refused as a superuser, before a table is made, and says how to mend it', async (t) => {
    const database = await freshPostgres()
    t.after(() => database.close())
    await assert.rejects(start(database.url), { code: 'HF_DATABASE_ROLE', message: /SUPERUSER.*holdfast db grants print/s })
    const { rows } = await sql`SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace`.execute(database.kysely)
    assert.equal(rows.length, 0)
  })

  it('is refused as the owner of the tables, and with whatever leads to that', async (t) => {
    const { ownerUrl, applicationUrl, admin, plan } = await roles(t)
    await assert.rejects(start(ownerUrl), { code: 'HF_DATABASE_ROLE', message: /CREATE of schema|ownership of hf_/ })
    const grave = [
      [`ALTER ROLE "${plan.application}" CREATEROLE`, `ALTER ROLE "${plan.application}" NOCREATEROLE`],
      [`ALTER ROLE "${plan.application}" BYPASSRLS`, `ALTER ROLE "${plan.application}" NOBYPASSRLS`],
      [
        `GRANT CREATE ON SCHEMA ${plan.schema} TO "${plan.application}"`,
        `REVOKE CREATE ON SCHEMA ${plan.schema} FROM "${plan.application}"`,
      ],
      [`GRANT "${plan.owner}" TO "${plan.application}"`, `REVOKE "${plan.owner}" FROM "${plan.application}"`],
      [`ALTER TABLE hf_sessions OWNER TO "${plan.application}"`, `ALTER TABLE hf_sessions OWNER TO "${plan.owner}"`],
    ] as const
    for (const [more, less] of grave) {
      await sql.raw(more).execute(admin.kysely)
      await assert.rejects(start(applicationUrl), { code: 'HF_DATABASE_ROLE' }, more)
      await sql.raw(less).execute(admin.kysely)
    }
  })

  it('is refused as a superuser who calls itself by the name of the application', async (t) => {
    const { admin, plan } = await roles(t)
    const url = new URL(admin.url)
    url.searchParams.set('options', `${url.searchParams.get('options')} -c role=${plan.application}`)
    await assert.rejects(start(url.href.replaceAll('+', '%20')), { code: 'HF_DATABASE_ROLE', message: /SUPERUSER of role/ })
  })

  it('goes through as the role that was printed, and somebody can sign in', async (t) => {
    const { applicationUrl } = await roles(t)
    const holdfast = await start(applicationUrl)
    const { accounts, findings } = holdfast
    const made = await accounts.users.create(
      { login: 'ada', password: new Secret('crimson kettle orbit lagoon') },
      { kind: 'system', id: 'test' },
    )
    assert.ok(made.ok)
    const from = { address: '192.0.2.7', network: '192.0.2.7', userAgent: 'test' }
    const entered = await accounts.doors.password.signIn(
      { login: 'ada', password: new Secret('crimson kettle orbit lagoon') },
      from,
    )
    await holdfast.stop()
    assert.equal(entered.ok, true)
    assert.deepEqual(
      findings.filter(({ id }) => id.startsWith('HF-DATABASE')),
      [],
    )
  })

  it('says that the tables are behind, instead of failing at the first request', async (t) => {
    const { applicationUrl, owner, plan, run } = await roles(t, { migrated: false })
    await assert.rejects(start(applicationUrl), { code: 'HF_DATABASE_BEHIND', message: /accounts-1.*holdfast migrate/s })
    await migrate(owner, migrations)
    await assert.rejects(start(applicationUrl), {
      code: 'HF_DATABASE_ROLE',
      message: /lacks SELECT of hf_addresses.*only tables/,
    })
    await run(owner, tableStatements(plan))
    await (await start(applicationUrl)).stop()
    const own = [{ id: 'notes-1', up: () => ['CREATE TABLE notes (id text PRIMARY KEY)'] }]
    await assert.rejects(start(applicationUrl, { migrations: own }), { code: 'HF_DATABASE_BEHIND', message: /notes-1/ })
  })

  it('can be had as the owner for a reason and until a day, and stands in the findings and the log', async (t) => {
    const { ownerUrl } = await roles(t)
    const reason = 'the second role is made next week'
    const events: SecurityEvent[] = []
    const insecureDatabaseOwner = { reason, until: '2099-01-01' }
    const holdfast = await start(ownerUrl, { insecureDatabaseOwner, log: (event) => void events.push(event) })
    await holdfast.stop()
    assert.ok(holdfast.findings.some(({ id, severity }) => id === 'HF-DATABASE-1' && severity === 'high'))
    assert.ok(events.some(({ type, data }) => type === 'sys_insecure_setting' && data?.['setting'] === 'database'))
    const over = { reason, until: '2020-01-01' }
    await assert.rejects(start(ownerUrl, { insecureDatabaseOwner: over }), { code: 'HF_OPTION_INSECURE' })
    await assert.rejects(start(ownerUrl, { insecureDatabaseOwner: { reason: '', until: '2099-01-01' } }), {
      code: 'HF_OPTION_INSECURE',
    })
  })

  it('is a finding elsewhere, where the owner makes the tables as well', async (t) => {
    const { ownerUrl } = await roles(t, { migrated: false })
    const own = [{ id: 'notes-1', up: () => ['CREATE TABLE notes (id text PRIMARY KEY)'] }]
    const holdfast = await start(ownerUrl, { mode: 'development', migrations: own })
    await holdfast.stop()
    assert.ok(holdfast.findings.some(({ id }) => id === 'HF-DATABASE-1'))
  })

  it('says what is less than grave as a finding', async (t) => {
    const { applicationUrl, admin, plan } = await roles(t)
    await sql.raw(`GRANT SELECT (value) ON hf_credentials TO "${plan.application}"`).execute(admin.kysely)
    const holdfast = await start(applicationUrl)
    await holdfast.stop()
    assert.match(holdfast.findings.find(({ id }) => id === 'HF-DATABASE-2')?.what ?? '', /SELECT of hf_credentials.value/)
  })
})

describe('starting on SQLite', () => {
  it('asks for no role, and applies the steps of the application', async () => {
    const holdfast = await createHoldfast({
      ...{ origin: 'https://app.example', data: folder, log: 'silent', mode: 'production', database: ':memory:' },
      migrations: [{ id: 'notes-1', up: () => ['CREATE TABLE notes (id text PRIMARY KEY)'] }],
    })
    await holdfast.stop()
    assert.deepEqual(
      holdfast.findings.filter(({ id }) => id.startsWith('HF-DATABASE')),
      [],
    )
  })
})
