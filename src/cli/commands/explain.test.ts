import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { holdfastCommand } from '../../../test/support/command.ts'
import { createHoldfast } from '../../index.ts'

const data = mkdtempSync(join(tmpdir(), 'holdfast-explain-'))
const module = join(data, 'policies.ts')
after(() => rmSync(data, { recursive: true }))

let tenant = ''
const keys: Record<string, string> = {}

const holdfast = (...words: string[]) => holdfastCommand(words, { environment: { HOLDFAST_DATA: data } })

before(async () => {
  const application = await createHoldfast({
    origin: 'http://localhost:3000',
    data,
    mode: 'test',
    log: 'silent',
    roles: { admin: ['*'], reader: ['notes:read'], member: [] },
    public: ['/', 'POST /search'],
    authorize: { everywhere: { aal: 2 } },
    tenants: { roles: { owner: ['*'], editor: ['notes:*'] } },
  })
  const cli = { kind: 'system', id: 'test' } as const
  await application.accounts.users.create({ login: 'ada', roles: ['reader', 'member'] }, cli)
  await application.accounts.users.create({ login: 'gone', roles: ['reader'], disabled: true }, cli)
  const { users, tenants, apiKeys } = application.accounts
  const [ada, made] = [(await users.byLogin('ada'))!, await tenants.create({ name: 'Acme' }, cli)]
  assert.ok(made.ok && (await tenants.add(made.tenant.id, ada.id, ['editor'], cli)).ok)
  tenant = made.tenant.id
  for (const [name, scopes, place] of [
    ['there', ['notes:write'], tenant],
    ['outside', ['notes:read'], undefined],
  ] as const) {
    const key = await apiKeys.create({ userId: ada.id, name, scopes, tenant: place }, cli)
    assert.ok(key.ok)
    keys[name] = key.key.id
  }
  await application.stop()
  const policies = join(import.meta.dirname, '../../engine/policies/index.ts')
  writeFileSync(
    module,
    `import { policyFor, rule } from ${JSON.stringify(policies)}
export const notes = policyFor('notes', { edit: rule.all(rule.permission('notes:read'), rule.when('is open', (_, note) => !note.archived), rule.aal(2)) })
export const other = 1`,
  )
})

describe('holdfast explain permission', () => {
  it('names the role that permits it, and says of each what it permits', async () => {
    const allowed = await holdfast('explain', 'permission', 'notes:read', '--as', 'ada')
    assert.deepEqual([allowed.code, allowed.out], [0, 'Allowed.\n- role member: nothing\n+ role reader: notes:read'])
    const refused = await holdfast('explain', 'permission', 'notes:write', '--as', 'ada', '--json')
    assert.deepEqual([refused.code, JSON.parse(refused.out)], [1, { allow: false, permission: 'notes:write', roles: [] }])
  })

  it('refuses for who is disabled, not signed in, or not there', async () => {
    assert.match((await holdfast('explain', 'permission', 'notes:read', '--as', 'gone')).out, /"gone" is disabled/)
    assert.match((await holdfast('explain', 'permission', 'notes:read')).out, /Nobody is signed in/)
    assert.match((await holdfast('explain', 'permission', 'notes:read', '--as', 'eve')).error, /no user "eve"/)
  })
})

describe('holdfast explain, in a tenant and by a key', () => {
  const ask = (wanted: string, ...more: string[]) => holdfast('explain', 'permission', wanted, '--as', 'ada', ...more)

  it('says what a session may in a tenant, and by which role there', async () => {
    const allowed = await ask('notes:write', '--tenant', tenant)
    assert.deepEqual([allowed.code, allowed.out], [0, 'Allowed.\nThey act in the tenant "Acme".\n+ role editor: notes:*'])
    assert.match((await ask('notes:read', '--tenant', 'nothing')).out, /"ada" belongs to no tenant "nothing"/)
  })

  it('says where a key acts, and what its scopes and its owner have in common', async () => {
    const there = await ask('notes:write', '--key', keys['there']!)
    const words = `Allowed.\nThe key "there" acts in the tenant ${tenant} alone.\nIts scopes: notes:write. With what its owner may there: notes:write.`
    assert.deepEqual([there.code, there.out], [0, words])
    assert.equal((await ask('notes:read', '--key', keys['there']!)).code, 1)
    const outside = await ask('notes:read', '--key', keys['outside']!)
    assert.match(outside.out, /^Allowed.\nThe key "outside" acts in no tenant/)
    const route = ['explain', 'route', 'GET', '/x', '--as', 'ada', '--requires', '{"tenant":true}', '--key']
    assert.match((await holdfast(...route, keys['there']!)).out, /\+ requires: {"tenant":true}/)
    assert.match((await holdfast(...route, keys['outside']!)).out, /- requires: tenant-required/)
  })

  it('says of a key that ended why it is refused', async () => {
    await holdfast('tenants', 'remove', tenant, 'ada')
    assert.match((await ask('notes:write', '--key', keys['there']!)).out, /The key "there" is refused: revoked/)
    assert.match((await ask('notes:write', '--key', 'nothing')).out, /has no key "nothing"/)
    assert.match((await ask('notes:write', '--key', 'x', '--tenant', tenant)).error, /says itself where it acts/)
    assert.match((await holdfast('explain', 'permission', 'a:b', '--key', 'x')).error, /Say with --as/)
  })
})

describe('holdfast explain policy', () => {
  const words = (...more: string[]) => holdfast('explain', 'policy', module, 'notes', 'edit', '--as', 'ada', ...more)

  it('shows every rule that was asked, the one that decided, and the proof that would change it', async () => {
    const refused = await words('--resource', '{"archived":false}')
    assert.equal(refused.code, 1)
    assert.match(
      refused.out,
      /Decided by: not assurance level 2\n- all of\n {2}\+ permission notes:read\n {2}\+ is open\n {2}- assurance level 2\nA stronger proof/,
    )
    assert.equal((await words('--resource', '{"archived":false}', '--aal', '2')).code, 0)
    const archived = await words('--resource', '{"archived":true}', '--aal', '2', '--json')
    assert.deepEqual(JSON.parse(archived.out).by, 'not is open')
  })

  it('says what it was not given', async () => {
    assert.match((await words('--resource', '{')).error, /--resource is not JSON/)
    assert.match((await words('--aal', '3')).error, /Write 1 or 2/)
    assert.match((await holdfast('explain', 'policy', module, 'notes', 'burn')).error, /no action "burn". It has: edit/)
    assert.match((await holdfast('explain', 'policy', module, 'bills', 'edit')).error, /exports no policy "bills", only: notes/)
    assert.match((await holdfast('explain', 'policy', `${module}x`, 'notes', 'edit')).error, /cannot be loaded/)
  })
})

describe('holdfast explain route', () => {
  it('says which line opens a path, to whom, and what is asked everywhere', async () => {
    assert.deepEqual((await holdfast('explain', 'route', 'GET', '/')).code, 0)
    assert.match((await holdfast('explain', 'route', 'post', '/search')).out, /open to everybody, by `public`/)
    assert.match((await holdfast('explain', 'route', 'GET', '/login')).out, /open to everybody, by `kit`/)
    assert.match((await holdfast('explain', 'route', 'GET', '/search')).out, /- table: closed/)
    const level = await holdfast('explain', 'route', 'GET', '/notes', '--as', 'ada')
    assert.match(level.out, /\+ table: closed[^]*- everywhere: stronger-proof-required: aal 2/)
    assert.equal((await holdfast('explain', 'route', 'GET', '/notes', '--as', 'ada', '--aal', '2')).code, 0)
  })

  it('takes what the route itself requires', async () => {
    const asked = await holdfast(
      'explain',
      'route',
      'GET',
      '/notes',
      '--as',
      'ada',
      '--aal',
      '2',
      '--requires',
      '{"role":"admin"}',
    )
    assert.match(asked.out, /- requires: not-permitted: role admin/)
    assert.match((await holdfast('explain', 'route', 'GET', '/x', '--requires', '{"rol":1}')).error, /Did you mean "role"/)
  })
})
