/** The printed roles, on a real server: what they may, what they may not, and that each difference is named. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { sql } from 'kysely'
import { postgresUrl } from '../../../test/support/services.ts'
import { withRoles, type Roles } from '../../../test/support/roles.ts'
import { migrations } from '../../index.ts'
import { tableGrants } from '../../database/table-grants.ts'
import { makePartitions, monthOf } from '../../observe/audit/schema.ts'
import { migrate, pending } from '../migrate.ts'
import { postgres } from '../postgres.ts'
import { differences, placeOf } from './inspect.ts'
import { roleStatements, tableStatements } from './statements.ts'

const server = await postgresUrl()
const REFUSED = { code: '42501' }

describe('the roles that are printed', { skip: 'skip' in server && server.skip }, () => {
  let roles: Roles
  const as = (which: 'owner' | 'application' | 'admin', text: string) => sql.raw(text).execute(roles[which].kysely)
  const found = async () => (await differences(roles.application, await placeOf(roles.application), roles.plan))!
  const named = async () => (await found()).map(({ kind, privilege, on }) => `${kind} ${privilege} ${on}`)

  before(async () => {
    const own = [{ id: 'notes-1', up: () => ['CREATE TABLE notes (id text PRIMARY KEY, tenant_id text)'] }]
    roles = await withRoles({ own, tables: ['notes'], tenants: [{ table: 'notes', column: 'tenant_id' }] })
  })
  after(() => roles?.close())

  it('know every table that the migrations make, and no other', async () => {
    const { rows } = await sql<{ name: string }>`
      SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`.execute(
      roles.admin.kysely,
    )
    const made = rows.map(({ name }) => name).filter((name) => name !== 'notes')
    assert.deepEqual(
      made.toSorted(),
      tableGrants.map(({ table }) => table).toSorted(),
      'A new table needs a line in src/database/table-grants.ts.',
    )
  })

  it('let the owner migrate, and leave nothing missing or too much', async () => {
    assert.deepEqual(await pending(roles.application, migrations), [])
    assert.deepEqual(await named(), [])
  })

  it('let the application write rows, and change or empty no table', async () => {
    await as('application', `INSERT INTO hf_rate VALUES ('one', 1)`)
    await as('application', `UPDATE hf_rate SET tat = 2`)
    await as('application', `DELETE FROM hf_rate`)
    for (const text of [
      ...['DROP TABLE hf_rate', 'ALTER TABLE hf_rate ADD COLUMN more text', 'TRUNCATE hf_rate', 'CREATE TABLE mine (id text)'],
      ...['CREATE TEMPORARY TABLE mine (id text)', 'CREATE SCHEMA mine', 'CREATE ROLE mine', 'DROP FUNCTION hf_password_swap'],
      ...['CREATE INDEX ON hf_rate (tat)', 'CREATE VIEW mine AS SELECT 1', 'CREATE FUNCTION mine() RETURNS int RETURN 1'],
      ...[
        `INSERT INTO hf_migrations VALUES ('x', 1, 'x')`,
        'DELETE FROM hf_migrations',
        'ALTER TABLE hf_rate OWNER TO CURRENT_USER',
      ],
      ...[
        `SET ROLE "${roles.plan.owner}"`,
        'ALTER TABLE notes DISABLE ROW LEVEL SECURITY',
        'DROP POLICY holdfast_tenant ON notes',
      ],
      `CREATE TRIGGER mine BEFORE INSERT ON hf_rate EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
    ])
      await assert.rejects(as('application', text), REFUSED, text)
  })

  it('let no hash be read from its column, in whatever words', async () => {
    for (const text of [
      ...['SELECT * FROM hf_credentials', 'SELECT value FROM hf_credentials', 'TABLE hf_password_history'],
      ...[
        'SELECT c FROM hf_credentials c',
        'UPDATE hf_credentials SET version = 1 RETURNING value',
        'COPY hf_credentials TO STDOUT',
      ],
      ...[`DELETE FROM hf_credentials WHERE value LIKE '$argon2id%'`, 'SELECT to_json(c) FROM hf_credentials c'],
      ...['SELECT count(value) FROM hf_credentials', 'INSERT INTO hf_links (data) SELECT value FROM hf_credentials'],
    ])
      await assert.rejects(as('application', text), REFUSED, text)
    assert.deepEqual((await as('application', 'SELECT user_id, version FROM hf_credentials')).rows, [])
  })

  it('would let them all be read at once by an injected SELECT, were the column readable', async (t) => {
    const readable = await withRoles({ hashes: 'columns' })
    t.after(() => readable.close())
    const asReadable = (text: string) => sql.raw(text).execute(readable.application.kysely)
    await asReadable(
      `INSERT INTO hf_users SELECT 'u' || n, 'u' || n, 'u' || n, '', '', 'active', 0, 0, NULL FROM generate_series(1, 3) n`,
    )
    await asReadable(`INSERT INTO hf_credentials SELECT id, 'password', 'hash of ' || id, 1, 0, 0, 0 FROM hf_users`)
    assert.equal((await asReadable('SELECT value FROM hf_credentials')).rows.length, 3)
  })

  it('give the hashes of one user in a transaction', async () => {
    await as(
      'admin',
      `INSERT INTO hf_users SELECT 'u' || n, 'u' || n, 'u' || n, '', '', 'active', 0, 0, NULL FROM generate_series(1, 3) n`,
    )
    await as('admin', `INSERT INTO hf_credentials SELECT id, 'password', 'hash of ' || id, 1, 0, 0, 0 FROM hf_users`)
    const { rows } = await as('application', `SELECT * FROM hf_password_hashes('u1', 0)`)
    assert.deepEqual(rows, [{ value: 'hash of u1', version: 1 }])
    const everybody = 'SELECT h.value FROM hf_users u, LATERAL hf_password_hashes(u.id, 9) h'
    await assert.rejects(as('application', everybody), REFUSED)
    await roles.application
      .transaction(async (tx) => {
        const ask = (id: string) => sql`SELECT value FROM hf_password_hashes(${id}, 0)`.execute(tx)
        assert.equal((await ask('u1')).rows.length, 1)
        assert.equal((await ask('u1')).rows.length, 1)
        await sql`SELECT pg_advisory_unlock_all()`.execute(tx)
        await assert.rejects(ask('u2'), REFUSED)
      })
      .catch(() => undefined)
  })

  it('name each privilege too many', async () => {
    const { application, schema } = roles.plan
    await as('admin', `GRANT TRUNCATE ON hf_rate TO "${application}"`)
    await as('admin', `GRANT SELECT (value) ON hf_credentials TO "${application}"`)
    await as('admin', `GRANT DELETE ON hf_migrations TO PUBLIC`)
    await as('admin', `GRANT CREATE ON SCHEMA ${schema} TO "${application}"`)
    await as('admin', `ALTER TABLE hf_links OWNER TO "${application}"`)
    await as('admin', `ALTER ROLE "${application}" CREATEROLE BYPASSRLS`)
    await as('admin', `GRANT pg_read_all_data, "${roles.plan.owner}" TO "${application}"`)
    const all = await named()
    for (const one of [
      ...[`CREATE schema ${schema}`, 'ownership hf_links', 'membership role pg_read_all_data', 'ownership hf_users'],
      ...[`CREATEROLE role ${application}`, `BYPASSRLS role ${application}`],
    ])
      assert.ok(all.includes(`too-many ${one}`), one)
    await as('admin', `REVOKE "${roles.plan.owner}", pg_read_all_data FROM "${application}"`)
    const without = await named()
    for (const one of ['too-many TRUNCATE hf_rate', 'too-many SELECT hf_credentials.value', 'too-many DELETE hf_migrations'])
      assert.ok(without.includes(one), one)
    const grave = (await found()).map((one) => one.grave)
    assert.ok(grave.indexOf(false) > grave.lastIndexOf(true) && grave.includes(true), 'the grave ones stand first')
  })

  it('name each privilege too few', async () => {
    const { application } = roles.plan
    await as('admin', `REVOKE INSERT ON hf_users FROM "${application}"`)
    await as('admin', `REVOKE SELECT (kind) ON hf_credentials FROM "${application}"`)
    await as('admin', `REVOKE ALL ON FUNCTION hf_password_swap FROM "${application}"`)
    const all = await named()
    for (const one of ['INSERT hf_users', 'SELECT hf_credentials.kind', 'EXECUTE hf_password_swap(text, text, text, bigint)'])
      assert.ok(all.includes(`too-few ${one}`), one)
  })

  it('are as they should be again after the same SQL', async () => {
    await roles.run(roles.admin, roleStatements(roles.plan))
    await roles.run(roles.owner, tableStatements(roles.plan))
    assert.deepEqual(await named(), [])
  })

  it('take over what an application made while it was the owner of everything', async () => {
    const { application } = roles.plan
    await as('admin', `ALTER TABLE notes OWNER TO "${application}"`)
    await as('admin', `ALTER TABLE hf_users OWNER TO root`)
    await roles.run(roles.admin, roleStatements(roles.plan))
    await roles.run(roles.owner, tableStatements(roles.plan))
    assert.deepEqual(await named(), [])
  })

  it('take over all that an application made for itself, and have it granted by its new owner', async (t) => {
    const alone = await withRoles({ migrated: false })
    t.after(() => alone.close())
    const { application, schema } = alone.plan
    await alone.run(alone.admin, [`GRANT CREATE ON SCHEMA ${schema} TO "${application}"`])
    await migrate(alone.application, migrations)
    await alone.run(alone.application, ['CREATE TABLE rooms (id bigserial PRIMARY KEY)'])
    await alone.run(alone.admin, roleStatements(alone.plan))
    await alone.run(alone.owner, tableStatements(alone.plan))
    assert.deepEqual(await differences(alone.application, await placeOf(alone.application), alone.plan), [])
    assert.deepEqual(await pending(alone.owner, migrations), [])
  })

  it('see no row of a tenant outside of a transaction that names it, and write none into another', async () => {
    await as('admin', `INSERT INTO notes VALUES ('a', 'acme'), ('b', 'bolt')`)
    assert.deepEqual((await as('application', 'SELECT id FROM notes')).rows, [])
    await roles.application.transaction(async (tx) => {
      await sql`SELECT set_config('holdfast.tenant', 'acme', true)`.execute(tx)
      assert.deepEqual((await sql`SELECT id FROM notes`.execute(tx)).rows, [{ id: 'a' }])
      assert.equal((await sql`UPDATE notes SET id = 'x' WHERE id = 'b'`.execute(tx)).numAffectedRows, 0n)
    })
    const intoAnother = roles.application.transaction(async (tx) => {
      await sql`SELECT set_config('holdfast.tenant', 'acme', true)`.execute(tx)
      await sql`INSERT INTO notes VALUES ('c', 'bolt')`.execute(tx)
    })
    await assert.rejects(intoAnother, REFUSED)
    assert.deepEqual((await as('application', 'SELECT id FROM notes')).rows, [], 'the setting ends with the transaction')
  })

  it('let nobody delete from a part of the log what cannot be deleted from the whole, after rights that were given to all tables', async () => {
    const { application, schema } = roles.plan
    await makePartitions(roles.owner as never, Date.now())
    await as('admin', `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO "${application}"`)
    await as('admin', `GRANT ALL ON ALL SEQUENCES IN SCHEMA ${schema} TO "${application}"`)
    await as('application', 'DELETE FROM hf_audit_rest')
    const all = await named()
    for (const one of [
      ...['DELETE hf_audit', 'DELETE hf_audit_rest', 'UPDATE hf_audit_rest', `DELETE ${monthOf(Date.now()).name}`],
      'UPDATE hf_audit_n',
    ])
      assert.ok(all.includes(`too-many ${one}`), one)
    await roles.run(roles.owner, tableStatements(roles.plan))
    assert.deepEqual(await named(), [])
    for (const text of ['DELETE FROM hf_audit_rest', 'UPDATE hf_audit_rest SET type = type', `SELECT setval('hf_audit_n', 1)`])
      await assert.rejects(as('application', text), REFUSED, text)
    assert.equal((await as('application', `SELECT nextval('hf_audit_n')`)).rows.length, 1)
    await as('admin', `REVOKE USAGE ON SEQUENCE hf_audit_n FROM "${application}"`)
    assert.deepEqual(await named(), ['too-few USAGE hf_audit_n'])
    await roles.run(roles.owner, tableStatements(roles.plan))
  })

  it('name what a role can become: by SET ROLE, and by RESET ROLE after somebody else has signed in', async () => {
    const { application } = roles.plan
    for (const attribute of ['SUPERUSER', 'CREATEROLE', 'BYPASSRLS']) {
      const other = `${application}_other`
      await as('admin', `CREATE ROLE "${other}" ${attribute}`)
      await as('admin', `GRANT "${other}" TO "${application}"`)
      const [first] = await found()
      await as('admin', `DROP ROLE "${other}"`)
      assert.deepEqual(first, { kind: 'too-many', privilege: 'membership', on: `role ${other}`, grave: true })
    }
    const url = new URL(roles.admin.url)
    url.searchParams.set('options', `${url.searchParams.get('options')} -c role=${application}`)
    const disguised = postgres(url.href.replaceAll('+', '%20'), { poolSize: 1 })
    const place = await placeOf(disguised)
    const [first] = (await differences(disguised, place, roles.plan))!
    await disguised.close()
    assert.equal(place.role, application)
    assert.deepEqual(first, { kind: 'too-many', privilege: 'SUPERUSER', on: `role ${place.session}`, grave: true })
  })

  it('name a function of ours that the application owns, and a schema beside ours in which it may make things', async () => {
    const { application, owner } = roles.plan
    const beside = `${roles.plan.schema}_beside`
    await as('admin', `CREATE SCHEMA ${beside}`)
    await as('admin', `GRANT CREATE ON SCHEMA ${beside} TO "${application}"`)
    await as('admin', `ALTER FUNCTION hf_password_swap OWNER TO "${application}"`)
    const all = await named()
    await as('admin', `ALTER FUNCTION hf_password_swap OWNER TO "${owner}"`)
    await as('admin', `DROP SCHEMA ${beside}`)
    await roles.run(roles.owner, tableStatements(roles.plan))
    assert.deepEqual(all, ['too-many ownership hf_password_swap(text, text, text, bigint)', `too-many CREATE schema ${beside}`])
    assert.deepEqual(await named(), [])
  })

  it('name row-level security that is off, and policies that are not ours', async () => {
    await as('admin', 'ALTER TABLE notes DISABLE ROW LEVEL SECURITY')
    await as('admin', 'CREATE POLICY everybody ON notes USING (true)')
    assert.deepEqual(await named(), ['too-few row-level security notes', 'too-many policy everybody notes'])
    await as('admin', 'DROP POLICY everybody ON notes')
    await as('admin', 'DROP POLICY holdfast_tenant ON notes')
    await as('admin', 'CREATE POLICY holdfast_tenant ON notes USING (true)')
    assert.deepEqual(await named(), [
      'too-few row-level security notes',
      'too-few policy holdfast_tenant notes',
      'too-many policy holdfast_tenant notes',
    ])
    await roles.run(roles.owner, tableStatements(roles.plan))
    assert.deepEqual(await named(), [])
  })

  it('are not there: said, not taken for a role without any right', async () => {
    const place = await placeOf(roles.application)
    assert.equal(await differences(roles.application, { ...place, role: 'nobody_at_all' }, roles.plan), undefined)
  })
})
