/** Acting as a user on every database: who may, what it is worth, how it ends. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { CLI, fixture, type Open } from '../fixture.contract.ts'
import type { Actor } from '../types.ts'

const POLICY = { life: 1_800_000, write: false }
const ROLES = { admin: ['*'], support: ['users:impersonate'], finance: ['money:*'], member: ['notes:read'] }
const REASON = 'Ticket 4711'

async function world(open: Open) {
  const f = await fixture(open, { impersonation: POLICY, roles: ROLES })
  const [admin, support, bob] = [await f.user('ada', ['admin']), await f.user('sue', ['support']), await f.user('bob')]
  await f.address(bob.id, 'bob@app.example')
  const { impersonation: acts, sessions } = f.accounts
  const own = await f.session('sue')
  f.takeEvents()

  async function begin(session = own.token.reveal(), userId = bob.id, reason = REASON) {
    return await acts.start({ session, userId, reason })
  }
  async function begun() {
    const result = await begin()
    assert.ok(result.ok)
    return result
  }
  async function found(token: string) {
    return await sessions.find(token, f.clock.now)
  }
  return { ...f, admin, support, bob, own, acts, sessions, begin, begun, found }
}

export function impersonationContract(name: string, open: Open, skip: string | false = false): void {
  describe(`acting as a user on ${name}`, { skip }, () => {
    it('shows what the user is and may, by a session of who acts, with no proof of theirs', async () => {
      const { begun, found, support, bob, own } = await world(open)
      const { token, session } = await begun()
      const seen = await found(token.reveal())
      assert.ok(seen.ok)
      const { principal } = seen
      assert.deepEqual([principal.id, principal.login, [...principal.permissions]], [bob.id, 'bob', ['notes:read']])
      assert.deepEqual([principal.aal, principal.provedAt], [1, 0])
      assert.deepEqual(principal.impersonatedBy, {
        ...{ id: support.id, name: support.name, write: false },
        until: session.createdAt + POLICY.life,
      })
      assert.deepEqual([seen.session.id, seen.session.userId], [own.session.id, support.id])
      assert.equal((await found(own.token.reveal())).ok, false)
    })

    it('is told to the user by a letter, stands in the log with the reason, and among what they see, until they end it', async () => {
      const { begun, found, letters, acts, bob, support, events } = await world(open)
      const { token, session } = await begun()
      const [letter] = await letters()
      assert.deepEqual([letter?.letter, letter?.to], ['impersonated', 'bob@app.example'])
      assert.deepEqual(letter?.data, { by: support.name, reason: REASON, minutes: '30' })
      const said = events.find(({ type }) => type === 'authn_impersonation_began')
      assert.deepEqual([said?.data?.['reason'], said?.data?.['actor']], [REASON, `user:${support.id}`])
      const [listed] = await acts.of(bob.id)
      assert.deepEqual([listed?.id, listed?.byId, listed?.reason], [session.id, support.id, REASON])
      const eve: Actor = { kind: 'user', id: support.id }
      assert.equal(await acts.end(support.id, session.id, eve), false, 'only by whom it is about')
      assert.equal(await acts.end(bob.id, session.id, { kind: 'user', id: bob.id }), true)
      assert.deepEqual(await acts.of(bob.id), [])
      const after = await found(token.reveal())
      assert.ok(after.ok && after.over === true)
      assert.equal(after.principal.id, support.id)
    })

    it('is refused to who may not, for who may administer or do the same, for oneself, for nobody, and without a reason', async () => {
      const f = await world(open)
      const { begin, own, admin, support, bob, takeEvents } = f
      const other = await f.user('sam', ['support'])
      const service = await f.accounts.users.createService({ login: 'robot' }, CLI)
      const disabled = await f.user('dan')
      await f.accounts.users.disable(disabled.id, CLI)
      const plain = await f.session('bob')
      takeEvents()
      const denied = { ok: false, reason: 'denied' }
      assert.ok(service.ok)
      for (const id of [admin.id, support.id, other.id, service.user.id, disabled.id, 'nobody', '', '%'])
        assert.deepEqual(await begin(own.token.reveal(), id), denied, id)
      assert.deepEqual(await begin(plain.token.reveal(), other.id), denied)
      assert.deepEqual(await begin('x'), denied)
      assert.ok(takeEvents().every((type) => type === 'authz_fail'))
      for (const reason of ['', '   ', '\n'])
        assert.deepEqual(await begin(undefined, bob.id, reason), { ok: false, reason: 'reason' })
      const off = f.twin({ impersonation: undefined }).impersonation
      const input = { session: own.token.reveal(), userId: bob.id, reason: REASON }
      assert.deepEqual(await off.start(input), { ok: false, reason: 'off' })
    })

    it('does not begin out of itself, and begins once of many at the same moment', async () => {
      const f = await world(open)
      const carol = await f.user('carol')
      const results = await race(20, () => f.begin())
      const won = results.filter(({ ok }) => ok)
      assert.equal(won.length, 1)
      assert.ok(won[0]?.ok)
      assert.deepEqual(await f.begin(won[0].token.reveal(), carol.id), { ok: false, reason: 'denied' })
    })

    it('goes back to who began it, once, whatever was written meanwhile (L70, L69)', async () => {
      const f = await world(open)
      const { token, session } = await f.begun()
      const data = { as_user_id: f.admin.id, user_id: f.admin.id, impersonatedBy: f.admin.id }
      assert.ok(await f.sessions.write(token.reveal(), session.version, data, f.clock.now))
      const results = await race(20, () => f.acts.stop(token.reveal()))
      const back = results.filter((one) => one !== undefined)
      assert.equal(back.length, 1)
      assert.deepEqual([back[0]?.principal.id, back[0]?.principal.impersonatedBy], [f.support.id, undefined])
      assert.equal((await f.found(token.reveal())).ok, false)
      assert.equal(await f.acts.stop(back[0]!.token.reveal()), undefined)
    })

    it('ends by itself after half an hour, and leaves a new token of one’s own session', async () => {
      const f = await world(open)
      const { token } = await f.begun()
      f.clock.now += POLICY.life / 2
      assert.equal((await f.sessions.find(token.reveal(), f.clock.now)).ok, true)
      f.clock.now += POLICY.life / 2
      const over = await f.found(token.reveal())
      assert.ok(over.ok && over.over === true && over.rotate === true)
      assert.equal(over.principal.id, f.support.id)
      const renewed = await f.sessions.rotate(token.reveal(), f.clock.now)
      const own = await f.found(renewed!.token.reveal())
      assert.ok(own.ok && own.over === undefined)
      assert.equal(own.principal.impersonatedBy, undefined)
    })

    const endings: readonly [string, (f: Awaited<ReturnType<typeof world>>) => Promise<unknown>][] = [
      ['who acts may no more', (f) => f.accounts.users.setRoles(f.support.id, ['member'], CLI)],
      ['the user administers now', (f) => f.accounts.users.setRoles(f.bob.id, ['admin'], CLI)],
      ['the user may do the same now', (f) => f.accounts.users.setRoles(f.bob.id, ['support'], CLI)],
      ['the user was disabled', (f) => f.accounts.users.disable(f.bob.id, CLI)],
    ]
    for (const [why, change] of endings)
      it(`is over at the next request when ${why} (L62, L109)`, async () => {
        const f = await world(open)
        const { token } = await f.begun()
        await change(f)
        const after = await f.found(token.reveal())
        assert.ok(after.ok && after.over === true)
        assert.equal(after.principal.id, f.support.id)
      })

    it('ends with the session in which it was begun, and shows other rights of the user at once (L62)', async () => {
      const f = await world(open)
      const { token } = await f.begun()
      await f.accounts.users.setRoles(f.bob.id, ['finance'], CLI)
      const other = await f.found(token.reveal())
      assert.ok(other.ok && other.principal.permissions.has('money:*'))
      await f.sessions.endAll(f.support.id, CLI)
      assert.deepEqual(await f.found(token.reveal()), { ok: false, reason: 'ended' })
      assert.deepEqual(await f.acts.of(f.bob.id), [])
    })

    it('acts in a tenant of the user, and never in one of who acts (L95)', async () => {
      const f = await world(open)
      const { tenants } = f.accounts
      const [theirs, mine] = [
        await tenants.create({ name: 'Theirs', ownerId: f.bob.id }, CLI),
        await tenants.create({ name: 'Mine', ownerId: f.support.id }, CLI),
      ]
      assert.ok(theirs.ok && mine.ok)
      const chosen = await tenants.choose(f.own.token.reveal(), mine.tenant.id)
      const input = { session: chosen!.token.reveal(), userId: f.bob.id, reason: REASON }
      assert.deepEqual(await f.acts.start({ ...input, tenantId: mine.tenant.id }), { ok: false, reason: 'denied' })
      const acting = await f.acts.start({ ...input, tenantId: theirs.tenant.id })
      assert.ok(acting.ok)
      const seen = await f.found(acting.token.reveal())
      assert.ok(seen.ok)
      assert.deepEqual([seen.principal.tenant?.id, seen.principal.tenant?.roles], [theirs.tenant.id, ['owner']])
      assert.equal(await tenants.choose(acting.token.reveal(), mine.tenant.id), undefined)
      const back = await f.acts.stop(acting.token.reveal())
      assert.equal(back?.principal.tenant, undefined)
    })
  })
}
