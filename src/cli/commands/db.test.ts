/** `holdfast db grants`: what it prints makes roles that it then finds nothing wrong with, on a real server. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sql } from 'kysely'
import { withRoles } from '../../../test/support/roles.ts'
import { postgresUrl } from '../../../test/support/services.ts'
import { Secret } from '../../index.ts'
import { run } from '../run.ts'
import { commands } from './index.ts'

const server = await postgresUrl()
const cli = (words: string, url?: string) =>
  run(commands, words.split(' '), {
    environment: { HOLDFAST_DATA: '/nowhere/holdfast', ...(url && { HOLDFAST_DATABASE_URL: url }) },
    now: () => Date.UTC(2026, 5, 1),
    warn: () => {},
    readPassword: async () => new Secret('unused'),
  })

describe('holdfast db grants print', () => {
  it('prints two parts, and needs no database', async () => {
    const { code, out } = await cli('db grants print --owner boss --application web --table notes --tenant rooms.tenant_id')
    assert.equal(code, 0)
    assert.match(out, /^-- Roles:[\s\S]+ALTER ROLE "web" LOGIN NOSUPERUSER[\s\S]+-- Tables: run by "boss"/)
    assert.match(out, /GRANT SELECT, INSERT, UPDATE, DELETE ON [^;]*"public"."notes"/)
    assert.match(out, /CREATE POLICY holdfast_tenant ON "public"."rooms" TO "web" USING \("tenant_id" = /)
    assert.ok(!/TRUNCATE|GRANT ALL/.test(out))
    const [roles, tables] = [await cli('db grants print --only roles'), await cli('db grants print --only tables')]
    assert.ok(!roles.out.includes('-- Tables') && !tables.out.includes('-- Roles'))
    assert.ok(JSON.parse((await cli('db grants print --json')).out).roles.length > 0)
  })

  it('lets hashes be read from their columns only when told so', async () => {
    const [byFunction, byColumn] = [await cli('db grants print'), await cli('db grants print --hashes columns')]
    const readable = /GRANT SELECT, INSERT, UPDATE, DELETE ON [^;]*hf_credentials/
    assert.ok(!readable.test(byFunction.out) && readable.test(byColumn.out))
  })

  it('refuses what cannot be meant, with code 2', async () => {
    for (const words of [
      ...[
        'grant',
        'print --hashes no',
        'print --only some',
        'print --owner a"b',
        'print --table hf_users',
        'print --tenant notes',
      ],
      ...['print --application x;drop', 'print --tenant a.b.c', 'print --schema pu"blic', 'print --owner web --application web'],
    ])
      assert.equal((await cli(`db grants ${words}`)).code, 2, words)
  })
})

describe('holdfast db grants check', { skip: 'skip' in server && server.skip }, () => {
  it('says nothing of the printed role, and each privilege of another', async (t) => {
    const roles = await withRoles()
    t.after(() => roles.close())
    assert.deepEqual([(await cli('db grants check', roles.applicationUrl)).code], [0])
    const { application, owner } = roles.plan
    assert.equal(
      (await cli(`db grants check --application ${application} --schema ${roles.plan.schema}`, roles.ownerUrl)).code,
      0,
    )
    const asOwner = await cli('db grants check', roles.ownerUrl)
    assert.equal(asOwner.code, 1)
    assert.match(asOwner.out, /too many {2}ownership of hf_users {2}\(no application may have this\)/)
    await sql.raw(`GRANT TRUNCATE ON hf_users TO "${application}"`).execute(roles.admin.kysely)
    await sql.raw(`REVOKE SELECT ON hf_users FROM "${application}"`).execute(roles.admin.kysely)
    const changed = await cli('db grants check', roles.applicationUrl)
    assert.equal(changed.code, 1)
    assert.match(changed.out, /too many {2}TRUNCATE of hf_users\n {2}too few {3}SELECT of hf_users$/)
    const { differences } = JSON.parse((await cli('db grants check --json', roles.applicationUrl)).out)
    assert.deepEqual(differences, [
      { kind: 'too-many', privilege: 'TRUNCATE', on: 'hf_users', grave: false },
      { kind: 'too-few', privilege: 'SELECT', on: 'hf_users', grave: false },
    ])
    assert.equal((await cli('db grants check --hashes columns', roles.applicationUrl)).code, 1)
    assert.equal((await cli(`db grants check --application nobody_${owner}`, roles.applicationUrl)).code, 3)
    assert.equal((await cli('db grants check --table notes', roles.applicationUrl)).code, 1, 'a table that is not there')
  })

  it('could not be completed where there is no database, and is not for SQLite', async () => {
    assert.equal((await cli('db grants check')).code, 3)
    assert.equal((await cli('db grants check', 'postgres://nobody@127.0.0.1:1/none')).code, 3)
    assert.equal((await cli('db grants check', ':memory:')).code, 2)
  })
})
