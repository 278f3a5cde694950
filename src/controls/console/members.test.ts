import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { node } from '../../adapters/node.ts'
import { startTesting, type Answer, type Client } from '../../testing/index.ts'

const PAGE = '/account/tenants/members'
const SYSTEM = { kind: 'system', id: 'test' } as const
const ROLES = { owner: ['*'], manager: ['tenant:members'], reader: ['notes:read'] }

/** Two tenants; in the first one an owner, a manager and a reader. */
async function start() {
  const app = await startTesting((holdfast) => node(holdfast, (_, response) => response.end()), {
    tenants: { roles: ROLES },
    signIn: { signUp: 'invitation' },
  })
  const { tenants } = app.holdfast.accounts
  const [owner, manager, reader, other] = [
    ...[await app.signedIn('member'), await app.signedIn('member')],
    ...[await app.signedIn('member'), await app.signedIn('member')],
  ] as const
  const [one, two] = [
    await tenants.create({ name: 'One & <b>', ownerId: owner!.user.id }, SYSTEM),
    await tenants.create({ name: 'Two', ownerId: other!.user.id }, SYSTEM),
  ]
  assert.ok(one.ok && two.ok)
  const tenant = one.tenant.id
  await tenants.add(tenant, manager!.user.id, ['manager'], SYSTEM)
  await tenants.add(tenant, reader!.user.id, ['reader'], SYSTEM)
  const rolesOf = async (userId: string) => (await tenants.members(tenant)).find((one) => one.userId === userId)?.roles.join()
  const send = (client: Client, act: string, json: object) => client.post(`${PAGE}/${act}`, { json: { tenant, ...json } })
  return Object.assign(app, {
    owner: owner!,
    manager: manager!,
    reader: reader!,
    other: other!,
    tenant,
    second: two.tenant.id,
    rolesOf,
    send,
  })
}

const codeOf = (answer: Answer) => [answer.status, (answer.json() as { code?: string }).code]

describe('the members of an organisation', () => {
  it('are listed, changed, removed and invited on a page without JavaScript, by who may', async () => {
    await using app = await start()
    const { owner, reader, tenant, rolesOf } = app
    assert.match((await owner.get('/account/tenants')).text, /members\?tenant=/)
    assert.doesNotMatch((await reader.get('/account/tenants')).text, /members\?tenant=/)
    const page = await owner.get(`${PAGE}?tenant=${tenant}`)
    assert.match(page.text, /Members of One &amp; &lt;b[^]*member-3[^]*Invite somebody/)
    const post = (act: string, form: Record<string, string>) =>
      owner.post(`${PAGE}/${act}`, { form: { tenant, ...form }, headers: { accept: 'text/html' } })
    const changed = await post('set-roles', { user: reader.user.id, 'role:manager': 'on', 'role:reader': 'on' })
    assert.deepEqual([changed.status, changed.headers.location], [303, `${PAGE}?tenant=${tenant}`])
    assert.equal(await rolesOf(reader.user.id), 'manager,reader')
    assert.match((await post('invite', { address: 'no address' })).text, /href="#address"/)
    assert.equal((await post('invite', { address: 'neu@app.example', 'role:reader': 'on' })).status, 303)
    const invited = (await owner.get(`${PAGE}?tenant=${tenant}`)).text
    const invitation = /name="invitation" value="([^"]+)"/.exec(invited)![1]!
    assert.equal((await post('revoke', { invitation })).status, 303)
    assert.deepEqual(await app.holdfast.accounts.invitations.list(), [])
    assert.equal((await post('remove', { user: reader.user.id })).status, 303)
    assert.equal(await rolesOf(reader.user.id), undefined)
    assert.deepEqual(app.faults, [])
  })

  it('are nobody’s who does not belong there, and not a reader’s to change (L95)', async () => {
    await using app = await start()
    const { other, reader, owner, tenant, send, rolesOf } = app
    const acts = [
      ['set-roles', { user: owner.user.id, roles: 'reader' }],
      ['remove', { user: owner.user.id }],
      ['invite', { address: 'a@b.example' }],
    ] as const
    for (const [client, expected] of [
      [other, [404, 'not-found']],
      [reader, [403, 'not-permitted']],
    ] as const) {
      const listed = await client.get(`${PAGE}?tenant=${tenant}`, { headers: { accept: 'application/json' } })
      assert.deepEqual(codeOf(listed), expected)
      for (const [act, fields] of acts) assert.deepEqual(codeOf(await send(client, act, fields)), expected, act)
    }
    assert.equal(await rolesOf(owner.user.id), 'owner')
  })

  it('are given no role that one does not hold, and never lose their last owner (L96)', async () => {
    await using app = await start()
    const { manager, owner, reader, send, rolesOf } = app
    assert.deepEqual(codeOf(await send(manager, 'set-roles', { user: manager.user.id, roles: 'owner' })), [403, 'role-not-held'])
    assert.deepEqual(codeOf(await send(manager, 'set-roles', { user: owner.user.id, roles: 'manager' })), [403, 'role-not-held'])
    assert.deepEqual(codeOf(await send(manager, 'invite', { address: 'a@b.example', roles: 'owner' })), [403, 'role-not-held'])
    assert.deepEqual(codeOf(await send(owner, 'set-roles', { user: owner.user.id, roles: 'reader' })), [409, 'last-owner'])
    assert.deepEqual(codeOf(await send(owner, 'remove', { user: owner.user.id })), [409, 'last-owner'])
    assert.deepEqual(codeOf(await send(owner, 'set-roles', { user: reader.user.id, roles: 'boss' })), [422, 'role-unknown'])
    assert.equal((await send(owner, 'remove', { user: 'nobody' })).status, 404)
    assert.equal(await rolesOf(owner.user.id), 'owner')
  })

  it('asks for a proof of the last ten minutes, and takes back only invitations of this organisation', async () => {
    await using app = await start()
    const { owner, other, second, reader, send } = app
    await other.post(`${PAGE}/invite`, { json: { tenant: second, address: 'neu@app.example' } })
    const [invitation] = await app.holdfast.accounts.invitations.list()
    assert.equal((await send(owner, 'revoke', { invitation: invitation!.id })).status, 404)
    assert.equal((await app.holdfast.accounts.invitations.list()).length, 1)
    app.clock.advance(600_001)
    assert.deepEqual(codeOf(await send(owner, 'remove', { user: reader.user.id })), [401, 'recent-proof-required'])
  })
})
