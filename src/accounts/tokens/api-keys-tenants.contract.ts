/** What API keys for a tenant must hold on every database: they act in it alone, and end with what their owner is there. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CLI, type Open } from '../fixture.contract.ts'
import { reachOf, world } from './tenant-fixture.contract.ts'

export function tenantKeysContract(name: string, open: Open, skip: string | false): void {
  describe(`${name}: API keys for a tenant`, { skip }, () => {
    it('act in it alone, as far as scopes and the roles there have in common, and may nothing outside it', async () => {
      const f = await world(open)
      const { key, text } = await f.key({ scopes: ['notes:read'] })
      assert.equal(key.tenant, f.acme)
      const there = { id: f.acme, roles: [], permissions: ['notes:read'] }
      assert.deepEqual(reachOf(await f.whoHas(text)), { roles: [], permissions: [], tenant: there })
      const bare = await f.key({ name: 'none', scopes: ['files:read'], tenant: undefined })
      assert.deepEqual(reachOf(await f.whoHas(bare.text)), { roles: [], permissions: ['files:read'], tenant: undefined })
    })

    it('are made for a tenant of their owner, with what the owner may in that one', async () => {
      const f = await world(open)
      const reason = async (...given: Parameters<typeof f.make>) => {
        const made = await f.make(...given)
        return made.ok ? 'ok' : made.reason
      }
      for (const tenant of [f.bolt, 'nobody', '', `${f.acme}\0`]) assert.equal(await reason({ tenant }), 'unknown-tenant')
      // What the owner may in the application is nothing in the tenant.
      assert.equal(await reason({ scopes: ['files:read'] }), 'scope-not-held')
      assert.equal(await reason({ scopes: ['*'] }), 'scope-not-held')
      assert.equal(await reason({ scopes: ['notes:write'] }), 'ok')
      const created = f.events.filter(({ type }) => type === 'authn_token_created')
      assert.deepEqual(
        created.map(({ data }) => data?.['tenant']),
        [f.acme],
      )
    })

    it('have the roles of an owner there with "*" alone', async () => {
      const f = await world(open)
      await f.tenants.setRoles(f.acme, f.ada.id, ['owner'], CLI)
      const { text } = await f.key({ scopes: ['*'] })
      assert.deepEqual(reachOf(await f.whoHas(text)).tenant, { id: f.acme, roles: ['owner'], permissions: ['*'] })
    })

    it('end with the membership, in every process, and not come back with another one (L06, L62)', async () => {
      const f = await world(open)
      const [there, outside] = [await f.key(), await f.key({ name: 'other', scopes: [], tenant: undefined })]
      await f.whoHas(there.text) // so that it is remembered
      f.takeEvents()
      assert.ok((await f.twin().tenants.remove(f.acme, f.ada.id, CLI)).ok)
      const revoked = f.events.find(({ type }) => type === 'authn_token_revoked')
      const { keys, reason, tenant } = revoked?.data ?? {}
      assert.deepEqual([keys, reason, tenant], [[there.key.id], 'tenant-left', f.acme])
      assert.ok((await f.tenants.add(f.acme, f.ada.id, ['editor'], CLI)).ok)
      assert.equal(await f.whoHas(there.text, f.twin()), 'revoked')
      assert.equal(typeof (await f.whoHas(outside.text)), 'object')
    })

    it('end with the tenant, and are refused where the membership went past Holdfast', async () => {
      const f = await world(open)
      const [one, two] = [await f.key(), await f.key({ name: 'two' })]
      await f.database.statement('DELETE FROM hf_memberships WHERE user_id = ?').run(f.ada.id)
      assert.equal(await f.whoHas(one.text, f.twin()), 'tenant-left')
      await f.tenants.add(f.acme, f.ada.id, ['editor'], CLI)
      assert.ok((await f.tenants.delete(f.acme, CLI)).ok)
      for (const { text } of [one, two]) assert.equal(await f.whoHas(text, f.twin()), 'revoked')
    })

    it('end when they were given more than a lowered role permits, and others of the owner do not', async () => {
      const f = await world(open)
      const [wide, narrow] = [await f.key({ name: 'wide', scopes: ['notes:write'] }), await f.key({ name: 'narrow' })]
      assert.ok((await f.tenants.setRoles(f.acme, f.ada.id, ['reader'], CLI)).ok)
      assert.equal(await f.whoHas(wide.text), 'revoked')
      assert.deepEqual(reachOf(await f.whoHas(narrow.text)).tenant?.permissions, ['notes:read'])
      await f.tenants.setRoles(f.acme, f.ada.id, ['editor'], CLI)
      assert.equal(await f.whoHas(wide.text), 'revoked', 'it is not less for a while and then more again')
    })

    it('may at the next request what the roles there permit then, also where those changed past Holdfast (L109)', async () => {
      const f = await world(open)
      const { text } = await f.key({ scopes: ['notes:*'] })
      assert.deepEqual(reachOf(await f.whoHas(text)).tenant?.permissions, ['notes:*'])
      await f.database.statement(`UPDATE hf_memberships SET roles = 'reader' WHERE user_id = ?`).run(f.ada.id)
      assert.deepEqual(reachOf(await f.whoHas(text, f.twin())).tenant?.permissions, ['notes:read'])
    })

    it('belong to services, which are members too', async () => {
      const f = await world(open)
      const robot = await f.accounts.users.createService({ login: 'robot' }, CLI)
      assert.ok(robot.ok && (await f.tenants.add(f.acme, robot.user.id, ['reader'], CLI)).ok)
      const { text } = await f.key({ userId: robot.user.id })
      assert.deepEqual(reachOf(await f.whoHas(text)).tenant?.permissions, ['notes:read'])
      assert.ok((await f.tenants.remove(f.acme, robot.user.id, CLI)).ok)
      assert.equal(await f.whoHas(text), 'revoked')
    })

    it('are what they would be at the next request when somebody asks by their id, who is their owner', async () => {
      const f = await world(open)
      const { key } = await f.key()
      const look = (userId: string, id: string) => f.accounts.apiKeys.look(userId, id, f.clock.now)
      const found = await look(f.ada.id, key.id)
      assert.ok(found.ok && found.principal.tenant?.id === f.acme)
      assert.equal((await f.accounts.apiKeys.list(f.ada.id, f.clock.now))[0]?.lastUsedAt, undefined, 'it is no use')
      const [owner] = await f.tenants.members(f.bolt)
      for (const [user, id] of [
        [owner!.userId, key.id],
        [f.ada.id, 'nothing'],
      ] as const)
        assert.deepEqual(await look(user, id), { ok: false, reason: 'unknown' })
    })
  })
}
