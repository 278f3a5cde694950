/** Tenants on every database: who belongs to which, who may change that, and in which one a session acts. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { Secret } from '../../crypto/secret.ts'
import type { Database } from '../../store/database.ts'
import { CLI, fixture, from, PASSWORD, type Fixture, type Open } from '../fixture.contract.ts'
import type { Actor, User } from '../types.ts'
import { inTenant, tenantOf } from './in-tenant.ts'

const ROLES = { owner: ['*'], manager: ['tenant:members', 'notes:*'], reader: ['notes:read'] }
const INVITING = { signUp: { mode: 'invitation', roles: ['member'], login: 'address' } } as const

const as = ({ id }: Pick<User, 'id'>): Actor => ({ kind: 'user', id })

/** Two tenants; each with an owner, a manager and a reader. */
async function world(open: Open) {
  const f = await fixture(open, { tenantRoles: ROLES, ...INVITING })
  async function tenant(name: string) {
    const owner = await f.user(`${name}-owner`)
    const made = await f.accounts.tenants.create({ name, ownerId: owner.id }, CLI)
    assert.ok(made.ok)
    const { id } = made.tenant
    const [manager, reader] = [await f.user(`${name}-manager`), await f.user(`${name}-reader`)]
    for (const [user, role] of [[manager, 'manager'] as const, [reader, 'reader'] as const])
      assert.deepEqual(await f.accounts.tenants.add(id, user.id, [role], CLI), { ok: true })
    return { id, owner, manager, reader }
  }
  const [a, b] = [await tenant('alpha'), await tenant('beta')]
  f.takeEvents()
  return { ...f, a, b, tenants: f.accounts.tenants }
}

/** Acts in the tenant from then on; the new token. */
async function acting(f: Fixture, login: string, tenantId: string): Promise<string> {
  const { token } = await f.session(login)
  const chosen = await f.accounts.tenants.choose(token.reveal(), tenantId)
  assert.ok(chosen)
  return chosen.token.reveal()
}

async function tenantIn(f: Fixture, token: string) {
  const found = await f.accounts.sessions.find(token, f.clock.now)
  assert.ok(found.ok)
  return found.principal.tenant
}

const rolesOf = async ({ tenants }: { tenants: Fixture['accounts']['tenants'] }, tenantId: string, { id }: User) =>
  (await tenants.members(tenantId)).find(({ userId }) => userId === id)?.roles

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
      const service = await f.accounts.users.createService({ login: 'robot' }, CLI)
      assert.ok(service.ok)
      const refused = await f.tenants.add(made.tenant.id, service.user.id, ['reader'], CLI)
      assert.deepEqual(refused, { ok: false, reason: 'unknown-user' })
      await f.user('root-2', ['admin'])
      assert.ok((await f.accounts.users.disable(root.id, CLI)).ok)
      assert.deepEqual(await f.tenants.create({ name: 'delta' }, as(root)), { ok: false, reason: 'not-permitted' })
    })

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

    it('give what their roles permit, and nothing in place of roles of the application', async () => {
      const f = await world(open)
      const { token } = await f.session('alpha-owner')
      const chosen = await f.tenants.choose(token.reveal(), f.a.id)
      assert.deepEqual([chosen?.principal.roles, chosen?.principal.permissions], [['member'], new Set()])
      assert.ok(chosen?.principal.tenant?.permissions.has('*'))
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

    it('take somebody in once, of many who add them at the same moment', async () => {
      const f = await world(open)
      const added = await race(20, () => f.tenants.add(f.a.id, f.b.reader.id, ['reader'], CLI))
      assert.equal(added.filter(({ ok }) => ok).length, 1)
      assert.equal((await f.tenants.members(f.a.id)).length, 4)
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
