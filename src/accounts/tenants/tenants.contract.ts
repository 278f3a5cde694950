/** Tenants on every database: who belongs to which, and who may change that. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { CLI, type Open } from '../fixture.contract.ts'
import { as, rolesOf, world } from './tenants-fixture.contract.ts'

export function tenantsContract(name: string, open: Open, skip: string | false = false): void {
  describe(`tenants on ${name}`, { skip }, () => {
    it('are made with an owner, renamed, listed page by page, and deleted', async () => {
      const f = await world(open)
      const { tenants, a, b } = f
      assert.deepEqual((await tenants.list()).map((tenant) => tenant.name).toSorted(), ['alpha', 'beta'])
      const [first] = await tenants.list({ limit: 1 })
      const rest = await tenants.list({ after: first!.id })
      assert.deepEqual([rest.length, rest[0]!.id === first!.id], [1, false])
      assert.deepEqual(await tenants.list({ after: 'nobody' }), [])
      assert.deepEqual(await tenants.rename(a.id, '  Alpha & Sons ', as(a.owner)), { ok: true })
      assert.equal((await tenants.byId(a.id))?.name, 'Alpha & Sons')
      assert.deepEqual(await tenants.rename(a.id, '\u202e', as(a.owner)), { ok: false, reason: 'name-invalid' })
      const own = await tenants.of(b.manager.id)
      assert.deepEqual(
        own.map(({ id, roles }) => ({ id, roles })),
        [{ id: b.id, roles: ['manager'] }],
      )
      assert.deepEqual(await tenants.delete(b.id, as(b.owner)), { ok: true })
      assert.deepEqual([await tenants.byId(b.id), await tenants.of(b.owner.id)], [undefined, []])
      assert.deepEqual(f.takeEvents(), ['tenant_updated', 'tenant_updated'])
    })

    it('are made by the server or who may manage all of them, and by nobody else', async () => {
      const f = await world(open)
      const root = await f.user('root', ['admin'])
      const made = await f.tenants.create({ name: 'gamma' }, as(root))
      assert.ok(made.ok)
      assert.deepEqual(await f.tenants.add(made.tenant.id, f.a.reader.id, ['reader'], as(root)), { ok: true })
      assert.deepEqual(await f.tenants.create({ name: 'delta' }, as(f.a.owner)), { ok: false, reason: 'not-permitted' })
      assert.deepEqual(await f.tenants.create({ name: 'delta', ownerId: 'nobody' }, CLI), { ok: false, reason: 'unknown-user' })
      await f.user('root-2', ['admin'])
      assert.ok((await f.accounts.users.disable(root.id, CLI)).ok)
      assert.deepEqual(await f.tenants.create({ name: 'delta' }, as(root)), { ok: false, reason: 'not-permitted' })
    })

    it('take services in, which own nothing: nobody could sign in as their owner', async () => {
      const f = await world(open)
      const robot = await f.accounts.users.createService({ login: 'robot' }, CLI)
      assert.ok(robot.ok)
      const { id } = robot.user
      const owner = { ok: false, reason: 'service-owner' } as const
      assert.deepEqual(await f.tenants.create({ name: 'gamma', ownerId: id }, CLI), { ok: false, reason: 'unknown-user' })
      assert.deepEqual(await f.tenants.add(f.a.id, id, ['owner'], CLI), owner)
      assert.deepEqual(await f.tenants.add(f.a.id, id, ['reader'], CLI), { ok: true })
      assert.deepEqual(await f.tenants.setRoles(f.a.id, id, ['owner'], as(f.a.owner)), owner)
      assert.deepEqual(await rolesOf(f, f.a.id, robot.user), ['reader'])
      assert.deepEqual(await f.tenants.setRoles(f.a.id, id, ['manager'], as(f.a.owner)), { ok: true })
      assert.deepEqual(await f.tenants.remove(f.a.id, id, as(f.a.owner)), { ok: true })
    })

    it('give what their roles permit, and nothing in place of roles of the application', async () => {
      const f = await world(open)
      const { token } = await f.session('alpha-owner')
      const chosen = await f.tenants.choose(token.reveal(), f.a.id)
      assert.deepEqual([chosen?.principal.roles, chosen?.principal.permissions], [['member'], new Set()])
      assert.ok(chosen?.principal.tenant?.permissions.has('*'))
    })

    it('are changed by who may in them, at that moment; of another tenant nobody learns more than of none (L95)', async () => {
      const f = await world(open)
      const { tenants, a, b } = f
      const foreign = as(a.owner)
      const unknown = { ok: false, reason: 'unknown-tenant' } as const
      for (const id of [b.id, 'nobody']) {
        assert.deepEqual(await tenants.rename(id, 'Mine', foreign), unknown)
        assert.deepEqual(await tenants.delete(id, foreign), unknown)
        assert.deepEqual(await tenants.add(id, a.owner.id, ['owner'], foreign), unknown)
        assert.deepEqual(await tenants.setRoles(id, b.reader.id, ['owner'], foreign), unknown)
        assert.deepEqual(await tenants.setRoles(id, a.owner.id, ['owner'], foreign), unknown)
        assert.deepEqual(await tenants.remove(id, b.reader.id, foreign), unknown)
        assert.deepEqual(await tenants.remove(id, a.owner.id, foreign), unknown)
      }
      // A member of the other tenant, named beside one's own tenant.
      assert.deepEqual(await tenants.setRoles(a.id, b.reader.id, ['owner'], foreign), { ok: false, reason: 'not-a-member' })
      assert.deepEqual(await tenants.remove(a.id, b.reader.id, foreign), { ok: false, reason: 'not-a-member' })
      assert.deepEqual(await tenants.add(a.id, b.reader.id, ['reader'], foreign), { ok: false, reason: 'not-permitted' })
      assert.deepEqual(await tenants.rename(a.id, 'Mine', as(a.manager)), { ok: false, reason: 'not-permitted' })
      assert.deepEqual(await tenants.remove(a.id, a.manager.id, as(a.reader)), { ok: false, reason: 'not-permitted' })
      assert.deepEqual(await rolesOf(f, b.id, b.reader), ['reader'])
    })

    it('give no role that is not there, and none that who gives it lacks (L94, L96)', async () => {
      const f = await world(open)
      const { tenants, a } = f
      for (const role of ['root', 'admin', '__proto__', 'constructor', 'owner ', ''])
        assert.deepEqual(await tenants.setRoles(a.id, a.reader.id, [role], as(a.owner)), { ok: false, reason: 'role-unknown' })
      const notHeld = { ok: false, reason: 'role-not-held' }
      assert.deepEqual(await tenants.setRoles(a.id, a.manager.id, ['owner'], as(a.manager)), notHeld)
      assert.deepEqual(await tenants.setRoles(a.id, a.owner.id, ['manager'], as(a.manager)), notHeld)
      assert.deepEqual(await tenants.remove(a.id, a.owner.id, as(a.manager)), notHeld)
      assert.deepEqual(await rolesOf(f, a.id, a.owner), ['owner'])
    })

    it('take somebody in once, of many who add them at the same moment', async () => {
      const f = await world(open)
      const added = await race(20, () => f.tenants.add(f.a.id, f.b.reader.id, ['reader'], CLI))
      assert.equal(added.filter(({ ok }) => ok).length, 1)
      assert.equal((await f.tenants.members(f.a.id)).length, 4)
    })
  })
}
