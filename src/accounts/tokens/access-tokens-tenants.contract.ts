/** What apps that act in a tenant must hold on every database: they act in it alone, and are signed out with the membership. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CLI, from, type Open } from '../fixture.contract.ts'
import { reachOf, world } from './tenant-fixture.contract.ts'

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>

export function tenantAppsContract(name: string, open: Open, skip: string | false): void {
  describe(`${name}: apps that act in a tenant`, { skip }, () => {
    it('act in it alone, and say so to who reads their token', async () => {
      const f = await world(open)
      const { access, app } = await f.app({ scopes: ['notes:read'] })
      assert.equal(app.tenant, f.acme)
      const there = { id: f.acme, roles: [], permissions: ['notes:read'] }
      assert.deepEqual(reachOf(await f.whoHas(access)), { roles: [], permissions: [], tenant: there })
      assert.deepEqual([claimsOf(access)['scope'], claimsOf(access)['tenant_id']], ['notes:read', f.acme])
      const outside = await f.app({ tenant: undefined })
      assert.deepEqual(
        [claimsOf(outside.access)['scope'], claimsOf(outside.access)['tenant_id']],
        ['files:read notes:read', undefined],
      )
      assert.equal(reachOf(await f.whoHas(outside.access)).tenant, undefined)
    })

    it('begin in a tenant of their user, with what the user may there', async () => {
      const f = await world(open)
      const reason = async (...given: Parameters<typeof f.begin>) => {
        const begun = await f.begin(...given)
        return begun.ok ? 'ok' : begun.reason
      }
      for (const tenant of [f.bolt, 'nobody', '']) assert.equal(await reason({ tenant }), 'unknown-tenant')
      assert.equal(await reason({ scopes: ['files:read'] }), 'scope-not-held')
      assert.equal(await reason({ scopes: ['notes:write'] }), 'ok')
    })

    it('are signed out with the membership, in every process, and not come back with another one (L06, L62)', async () => {
      const f = await world(open)
      const [there, outside] = [await f.app(), await f.app({ tenant: undefined })]
      await f.whoHas(there.access)
      f.takeEvents()
      assert.ok((await f.twin().tenants.remove(f.acme, f.ada.id, CLI)).ok)
      const ended = f.events.find(({ type }) => type === 'session_ended')
      assert.deepEqual([ended?.data?.['sessions'], ended?.data?.['reason']], [[there.app.id], 'tenant-left'])
      assert.ok((await f.tenants.add(f.acme, f.ada.id, ['editor'], CLI)).ok)
      assert.equal(await f.whoHas(there.access, f.twin()), 'ended')
      assert.deepEqual(await f.accounts.tokens.refresh(there.refresh, from()), { ok: false, reason: 'ended' })
      // The others go on, with a new access token.
      assert.equal(await f.whoHas(outside.access), 'outdated')
      assert.ok((await f.accounts.tokens.refresh(outside.refresh, from())).ok)
    })

    it('are refused where the membership went past Holdfast, and get no new tokens', async () => {
      const f = await world(open)
      const { access, refresh } = await f.app()
      await f.database.statement('DELETE FROM hf_memberships WHERE user_id = ?').run(f.ada.id)
      assert.equal(await f.whoHas(access, f.twin()), 'ended')
      assert.deepEqual(await f.accounts.tokens.refresh(refresh, from()), { ok: false, reason: 'ended' })
    })

    it('have less at the next request after a lowered role there: the token is void, and a new one holds less (L109)', async () => {
      const f = await world(open)
      const { access, refresh } = await f.app()
      assert.deepEqual(reachOf(await f.whoHas(access)).tenant?.permissions, ['notes:*'])
      assert.ok((await f.tenants.setRoles(f.acme, f.ada.id, ['reader'], CLI)).ok)
      assert.equal(await f.whoHas(access), 'outdated')
      const next = await f.accounts.tokens.refresh(refresh, from())
      assert.ok(next.ok)
      const text = next.accessToken.reveal()
      assert.deepEqual(reachOf(await f.whoHas(text)).tenant, { id: f.acme, roles: ['reader'], permissions: ['notes:read'] })
      assert.equal(claimsOf(text)['scope'], 'notes:read')
    })
  })
}
