/** Every tenant has an owner who may sign in, on every database, whoever goes and however many at once. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { CLI, from, type Open } from '../fixture.contract.ts'
import { as, world } from './tenants-fixture.contract.ts'

export function tenantOwnersContract(name: string, open: Open, skip: string | false = false): void {
  describe(`owners of tenants on ${name}`, { skip }, () => {
    it('always have an owner who may sign in: of two who leave at once one stays', async () => {
      const f = await world(open)
      const { tenants, a } = f
      assert.deepEqual(await tenants.remove(a.id, a.owner.id, as(a.owner)), { ok: false, reason: 'last-owner' })
      assert.deepEqual(await tenants.setRoles(a.id, a.owner.id, ['reader'], CLI), { ok: false, reason: 'last-owner' })
      await tenants.setRoles(a.id, a.manager.id, ['owner'], as(a.owner))
      await f.accounts.users.disable(a.manager.id, CLI)
      assert.deepEqual(await tenants.remove(a.id, a.owner.id, as(a.owner)), { ok: false, reason: 'last-owner' })
      await f.accounts.users.enable(a.manager.id, CLI)
      let turn = 0
      const left = await race(20, () => {
        const who = turn++ % 2 === 0 ? a.owner : a.manager
        return tenants.remove(a.id, who.id, as(who))
      })
      assert.equal(left.filter(({ ok }) => ok).length, 1)
      assert.equal((await tenants.members(a.id)).filter(({ roles }) => roles.includes('owner')).length, 1)
    })

    it('keep their last owner when an operator shuts out or deletes somebody, and when one deletes oneself', async () => {
      const f = await world(open)
      const { tenants, a, accounts } = f
      const alone = { ok: false, reason: 'last-owner', tenant: 'alpha' }
      const leaving = { grace: 86_400_000, from: from() }
      assert.deepEqual(await accounts.users.disable(a.owner.id, CLI), alone)
      assert.deepEqual(await accounts.deletions.ask(a.owner.id, leaving), alone)
      assert.deepEqual(await accounts.deletions.remove(a.owner.id, CLI), alone)
      assert.equal((await accounts.users.byId(a.owner.id))?.status, 'active')
      assert.equal((await accounts.users.disable(a.reader.id, CLI)).ok, true, 'others go')
      await tenants.setRoles(a.id, a.manager.id, ['owner'], as(a.owner))
      assert.equal((await accounts.deletions.ask(a.owner.id, leaving)).ok, true)
      assert.deepEqual(await accounts.users.disable(a.manager.id, CLI), alone, 'who is going owns nothing')
      f.takeEvents()
      assert.equal(
        (await accounts.users.disable(a.manager.id, CLI, { orphanTenants: true })).ok,
        true,
        'an intruder must not stay',
      )
      assert.equal(f.events.find(({ type }) => type === 'user_updated')?.data?.['orphaned'], 'alpha')
    })

    it('keep one of two owners, however both go at the same moment', async () => {
      for (let round = 0; round < 6; round += 1) {
        const f = await world(open)
        const { tenants, a, accounts } = f
        await tenants.setRoles(a.id, a.manager.id, ['owner'], as(a.owner))
        const ways = [
          (id: string) => accounts.users.disable(id, CLI),
          (id: string) => accounts.deletions.ask(id, { grace: 86_400_000, from: from() }),
          (id: string) => accounts.deletions.remove(id, CLI),
          (id: string) => tenants.remove(a.id, id, { kind: 'user', id }),
        ]
        const [one, two] = [ways[round % 4]!, ways[(round + 1 + Math.floor(round / 4)) % 4]!]
        const both = await Promise.all([one(a.owner.id), two(a.manager.id)])
        assert.equal(both.filter(({ ok }) => ok).length, 1, JSON.stringify(both))
        const left = (await tenants.members(a.id)).filter(({ roles }) => roles.includes('owner'))
        const active = await Promise.all(left.map(async ({ userId }) => (await accounts.users.byId(userId))?.status))
        assert.ok(active.includes('active'))
      }
    })
  })
}
