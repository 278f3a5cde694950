/** Invitations into tenants, on every database: by who may, to who reads the mail of the address. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { Secret } from '../../crypto/secret.ts'
import { CLI, from, PASSWORD, type Open } from '../fixture.contract.ts'
import type { User } from '../types.ts'
import { as, rolesOf, world } from './tenants-fixture.contract.ts'

export function tenantInvitationsContract(name: string, open: Open, skip: string | false = false): void {
  describe(`invitations into tenants on ${name}`, { skip }, () => {
    const CARL = 'carl@app.example'

    async function invite(f: Awaited<ReturnType<typeof world>>, by: User, tenantId: string, roles = ['reader']) {
      return await f.accounts.invitations.create({ address: CARL, tenant: { id: tenantId, roles }, invitedBy: as(by) })
    }

    it('make who has no account a member with the account, and nobody before', async () => {
      const f = await world(open)
      const invited = await invite(f, f.a.owner, f.a.id)
      assert.ok(invited.ok)
      assert.deepEqual(invited.invitation.tenant, { id: f.a.id, roles: ['reader'] })
      const token = f.tokenOf(await f.letters(), 'invitation')
      const account = { token, login: '', name: 'Carl', password: new Secret(PASSWORD) }
      const results = await race(20, () => f.accounts.doors.invitation.accept(account, from()))
      const entered = results.filter(({ ok }) => ok)
      assert.equal(entered.length, 1)
      assert.ok(entered[0]?.ok)
      const { id } = entered[0].principal
      assert.equal(entered[0].principal.tenant, undefined)
      assert.deepEqual(
        (await f.tenants.of(id)).map((tenant) => [tenant.id, tenant.roles]),
        [[f.a.id, ['reader']]],
      )
    })

    it('are accepted by the verified owner of the address, and by nobody else who has the link (L96)', async () => {
      const f = await world(open)
      const carl = await f.user('carl')
      await f.address(carl.id, CARL)
      await f.user('eve')
      await invite(f, f.a.owner, f.a.id, ['manager'])
      const token = f.tokenOf(await f.letters(), 'invitation-to-owner')
      const [eve, own] = [(await f.session('eve')).token.reveal(), (await f.session('carl')).token.reveal()]
      const { invitation } = f.accounts.doors
      assert.deepEqual(await invitation.join({ token, session: eve }, from()), { ok: false, reason: 'not-owner' })
      assert.deepEqual(await invitation.join({ token, session: own }, from()), { ok: true })
      assert.deepEqual(await rolesOf(f, f.a.id, carl), ['manager'])
      assert.deepEqual(await invitation.join({ token, session: own }, from()), { ok: false, reason: 'void' })
    })

    it('name a tenant and roles that the inviter may give there: not another one, not a role of none, not more than theirs (L96)', async () => {
      const f = await world(open)
      const reasonOf = async (by: User, tenantId: string, roles: string[]) => {
        const result = await invite(f, by, tenantId, roles)
        return result.ok ? 'ok' : result.reason
      }
      assert.equal(await reasonOf(f.a.owner, f.b.id, ['reader']), 'unknown-tenant')
      assert.equal(await reasonOf(f.a.owner, 'nobody', ['reader']), 'unknown-tenant')
      assert.equal(await reasonOf(f.a.owner, f.a.id, ['admin']), 'role-unknown')
      assert.equal(await reasonOf(f.a.manager, f.a.id, ['owner']), 'role-not-held')
      assert.equal(await reasonOf(f.a.reader, f.a.id, ['reader']), 'not-permitted')
      assert.equal(await reasonOf(f.a.manager, f.a.id, ['manager']), 'ok')
      const admin = { address: CARL, roles: ['admin'], tenant: { id: f.a.id }, invitedBy: as(f.a.owner) }
      assert.deepEqual(await f.accounts.invitations.create(admin), { ok: false, reason: 'role-not-held' })
      const plain = await f.accounts.invitations.create({ address: CARL, invitedBy: as(f.a.owner) })
      assert.deepEqual(plain, { ok: false, reason: 'not-permitted' })
    })

    it('are over when the inviter may no more, and when the tenant is gone (L35)', async () => {
      const f = await world(open)
      await invite(f, f.a.manager, f.a.id, ['manager'])
      const token = f.tokenOf(await f.letters(), 'invitation')
      assert.ok(await f.accounts.doors.invitation.read(token))
      await f.tenants.setRoles(f.a.id, f.a.manager.id, ['reader'], CLI)
      assert.equal(await f.accounts.doors.invitation.read(token), undefined)
      await f.tenants.setRoles(f.a.id, f.a.manager.id, ['manager'], CLI)
      await f.tenants.delete(f.a.id, CLI)
      const account = { token, login: '', name: 'Carl', password: new Secret(PASSWORD) }
      assert.deepEqual(await f.accounts.doors.invitation.accept(account, from()), { ok: false, reason: 'void' })
    })

    it('leave those of another tenant alone, and are taken back by who may invite there', async () => {
      const f = await world(open)
      const [one, two] = [await invite(f, f.a.owner, f.a.id), await invite(f, f.b.owner, f.b.id)]
      assert.ok(one.ok && two.ok)
      assert.equal((await f.accounts.invitations.list()).length, 2)
      const again = await invite(f, f.a.owner, f.a.id, ['manager'])
      assert.ok(again.ok)
      assert.equal((await f.accounts.invitations.list()).length, 2)
      assert.equal(await f.accounts.invitations.revoke(two.invitation.id, as(f.a.owner)), false)
      const [mine] = (await f.accounts.invitations.list()).filter(({ tenant }) => tenant?.id === f.a.id)
      assert.equal(await f.accounts.invitations.revoke(mine!.id, as(f.a.manager)), true)
    })
  })
}
