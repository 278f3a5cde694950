/** In which tenant a session acts, on every database: chosen by its user alone, and over with the membership. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Database } from '../../store/database.ts'
import { CLI, type Open } from '../fixture.contract.ts'
import { inTenant, tenantOf } from './in-tenant.ts'
import { acting, as, ROLES, tenantIn, world } from './tenants-fixture.contract.ts'

export function actingInTenantsContract(name: string, open: Open, skip: string | false = false): void {
  describe(`sessions in tenants on ${name}`, { skip }, () => {
    it('let a session act in them that chose to, with the roles of its user there, also after its token was replaced', async () => {
      const f = await world(open)
      const { token } = await f.session('alpha-manager')
      assert.equal(await tenantIn(f, token.reveal()), undefined)
      const chosen = await f.tenants.choose(token.reveal(), f.a.id)
      const expected = { id: f.a.id, roles: ['manager'], permissions: new Set(ROLES.manager) }
      assert.deepEqual(chosen?.principal.tenant, expected)
      assert.deepEqual(await tenantIn(f, chosen.token.reveal()), expected)
      assert.equal((await f.accounts.sessions.find(token.reveal(), f.clock.now)).ok, false)
      const rotated = await f.accounts.sessions.rotate(chosen.token.reveal(), f.clock.now)
      assert.deepEqual(rotated?.principal.tenant, expected)
      const none = await f.tenants.choose(rotated.token.reveal(), undefined)
      assert.equal(await tenantIn(f, none!.token.reveal()), undefined)
      assert.equal(none?.session.id, chosen.session.id)
    })

    it('are not chosen by who does not belong to them, and nothing else that is written makes a session act in one (L69, L95)', async () => {
      const f = await world(open)
      const { token, session } = await f.session('alpha-reader')
      const text = token.reveal()
      for (const id of [f.b.id, 'nobody', '', '%', `${f.a.id}\0`, `${f.a.id}' OR '1'='1`])
        assert.equal(await f.tenants.choose(text, id), undefined, id)
      const data = { tenant_id: f.b.id, tenant: { id: f.b.id }, tenantId: f.b.id, activeOrganizationId: f.b.id }
      assert.ok(await f.accounts.sessions.write(text, session.version, data, f.clock.now))
      assert.equal(await tenantIn(f, text), undefined)
    })

    it('are left at the next request by who was removed, everywhere, and not come back to by being added again (L62)', async () => {
      const f = await world(open)
      const [one, two] = [await acting(f, 'alpha-reader', f.a.id), await acting(f, 'alpha-reader', f.a.id)]
      const twin = f.twin()
      assert.deepEqual(await twin.tenants.remove(f.a.id, f.a.reader.id, as(f.a.manager)), { ok: false, reason: 'role-not-held' })
      assert.deepEqual(await twin.tenants.remove(f.a.id, f.a.reader.id, as(f.a.owner)), { ok: true })
      for (const token of [one, two]) {
        const found = await f.accounts.sessions.find(token, f.clock.now)
        assert.ok(found.ok && found.rotate === true)
        assert.equal(found.principal.tenant, undefined)
      }
      await f.tenants.add(f.a.id, f.a.reader.id, ['owner'], CLI)
      assert.equal(await tenantIn(f, one), undefined)
    })

    it('hold for other roles at the next request, with a new token (L109)', async () => {
      const f = await world(open)
      const token = await acting(f, 'alpha-manager', f.a.id)
      assert.deepEqual(await f.tenants.setRoles(f.a.id, f.a.manager.id, ['reader'], as(f.a.owner)), { ok: true })
      const found = await f.accounts.sessions.find(token, f.clock.now)
      assert.ok(found.ok && found.rotate === true)
      assert.deepEqual(found.principal.tenant?.permissions, new Set(['notes:read']))
      await f.tenants.delete(f.a.id, CLI)
      assert.equal(await tenantIn(f, token), undefined)
    })

    it('keep queries within themselves, and make none without one (L95)', async () => {
      const f = await world(open)
      const database = f.database as Database<{ notes: { tenant_id: string; text: string } }>
      await database.kysely.schema.createTable('notes').addColumn('tenant_id', 'text').addColumn('text', 'text').execute()
      for (const { id } of [f.a, f.b]) await database.kysely.insertInto('notes').values({ tenant_id: id, text: id }).execute()
      const principal = { tenant: { id: f.a.id, roles: [], permissions: new Set<string>() } }
      const { kysely } = database
      assert.deepEqual(await inTenant(kysely.selectFrom('notes').select('text'), principal).execute(), [{ text: f.a.id }])
      await inTenant(kysely.updateTable('notes').set({ text: 'x' }), principal, 'notes.tenant_id').execute()
      await inTenant(kysely.deleteFrom('notes'), principal).execute()
      assert.deepEqual(await kysely.selectFrom('notes').select('text').execute(), [{ text: f.b.id }])
      for (const nobody of [null, {}, { tenant: { ...principal.tenant, id: '' } }]) {
        assert.throws(() => inTenant(kysely.selectFrom('notes'), nobody), { code: 'HF_TENANT_MISSING' })
        assert.throws(() => tenantOf(nobody), { code: 'HF_TENANT_MISSING' })
      }
    })
  })
}
