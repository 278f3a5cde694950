/** What users, roles and passwords must hold on every database. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHasher } from '../../crypto/password/hasher.ts'
import { Secret } from '../../crypto/secret.ts'
import { race } from '../../../test/support/race.ts'
import { administratorsOf, CHEAP, CLI, fixture, from, OTHER_PASSWORD, PASSWORD, type Open } from '../fixture.contract.ts'

const ROLES = { admin: ['*'], root_x: ['*'], rootax: ['notes:*'], member: ['notes:read'] }

export function usersContract(name: string, open: Open, skip: string | false = false): void {
  describe(`users on ${name}`, { skip }, () => {
    it('creates a user who is found in every spelling of the login, and takes none of them twice', async () => {
      const f = await fixture(open)
      const user = await f.user('Zoë')
      assert.equal((await f.accounts.users.byLogin(' ZOE\u0308'))?.id, user.id)
      for (const login of ['zoë', 'ZOË ', 'Zoe\u0308']) {
        assert.deepEqual(await f.accounts.users.create({ login }, CLI), { ok: false, reason: 'login-taken' })
      }
      assert.equal(await f.accounts.users.count(), 1)
    })

    it('lets one of many who want the same login have it', async () => {
      const f = await fixture(open)
      const results = await race(10, () => f.accounts.users.create({ login: 'bob' }, CLI))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      assert.equal(await f.accounts.users.count(), 1)
    })

    it('refuses logins, names, roles and passwords that will not do, each with its reason', async () => {
      const f = await fixture(open)
      const why = async (input: { login: string; name?: string; roles?: string[]; password?: Secret }) => {
        const result = await f.accounts.users.create(input, CLI)
        return result.ok ? 'ok' : result.reason
      }
      assert.equal(await why({ login: 'a b' }), 'login-invalid')
      assert.equal(await why({ login: 'bob\u202e' }), 'login-invalid')
      assert.equal(await why({ login: 'bob', name: '\0' }), 'name-invalid')
      assert.equal(await why({ login: 'bob', roles: ['wizard'] }), 'role-unknown')
      assert.equal(await why({ login: 'bob', roles: ['__proto__'] }), 'role-unknown')
      assert.equal(await why({ login: 'bob', password: new Secret('short') }), 'too-short')
      assert.equal(await why({ login: 'bob', password: new Secret('a'.repeat(40)) }), 'common')
      assert.equal(await why({ login: 'wilhelmina.black', password: new Secret('wilhelmina.black') }), 'contextual')
      assert.equal(await f.accounts.users.count(), 0)
    })

    it('shows no credential', async () => {
      const f = await fixture(open)
      const user = await f.user('bob')
      assert.deepEqual(Object.keys(user).toSorted(), [
        'address',
        'createdAt',
        'id',
        'kind',
        'lastSignInAt',
        'login',
        'name',
        'roles',
        'status',
      ])
    })

    it('lists in the order of creation, page by page', async () => {
      const f = await fixture(open)
      const ids: string[] = []
      for (let i = 0; i < 5; i++) {
        f.clock.now += i === 2 ? 0 : 1
        ids.push((await f.user(`user${i}`)).id)
      }
      const all = (await f.accounts.users.list()).map(({ id }) => id)
      assert.deepEqual(all.toSorted(), ids.toSorted())
      const first = await f.accounts.users.list({ limit: 2 })
      const rest = await f.accounts.users.list({ limit: 100, after: first[1]!.id })
      assert.deepEqual(
        [...first, ...rest].map(({ id }) => id),
        all,
      )
      assert.deepEqual(await f.accounts.users.list({ after: 'no-such-user' }), [])
      await assert.rejects(f.accounts.users.list({ limit: 501 }), /HF_OPTION_INVALID/)
    })

    it('finds nobody by odd ids, and throws for none', async () => {
      const f = await fixture(open)
      for (const id of ['', '\0', '\ud800', 'x'.repeat(100_000), "' OR 1=1 --", '%']) {
        assert.equal(await f.accounts.users.byId(id), undefined)
        assert.equal((await f.accounts.users.disable(id, CLI)).ok, false)
        assert.deepEqual(await f.accounts.users.setRoles(id, ['member'], CLI), { ok: false, reason: 'unknown-user' })
        assert.deepEqual(await f.accounts.users.list({ after: id }), [])
        assert.deepEqual(await f.accounts.credentials.setPassword(id, new Secret(PASSWORD), CLI), {
          ok: false,
          reason: 'unknown-user',
        })
        assert.deepEqual(await f.accounts.sessions.list(id, f.clock.now), [])
        assert.equal(await f.accounts.sessions.end(id, id, CLI), false)
        assert.equal(await f.accounts.sessions.endAll(id, CLI), 0)
      }
    })

    it('shuts a disabled user out at once, and enabling does not bring sessions back', async () => {
      const f = await fixture(open)
      const user = await f.user('bob')
      const { token } = await f.session('bob')
      f.takeEvents()
      assert.equal((await f.accounts.users.disable(user.id, CLI)).ok, true)
      assert.deepEqual(f.takeEvents(), ['user_updated', 'session_ended'])
      assert.equal((await f.accounts.sessions.find(token.reveal(), f.clock.now)).ok, false)
      assert.equal((await f.signIn('bob')).ok, false)
      assert.equal(await f.accounts.users.enable(user.id, CLI), true)
      assert.deepEqual(await f.accounts.sessions.find(token.reveal(), f.clock.now), { ok: false, reason: 'ended' })
      assert.ok((await f.signIn('bob')).ok)
    })

    it('shuts out even a session that was written past the gate', async () => {
      const f = await fixture(open)
      const user = await f.user('bob')
      const { token } = await f.session('bob')
      await f.database.kysely.updateTable('hf_users').set({ status: 'disabled' }).where('id', '=', user.id).execute()
      assert.deepEqual(await f.accounts.sessions.find(token.reveal(), f.clock.now), { ok: false, reason: 'user-disabled' })
    })

    it('lets nobody in who is disabled while their password is being checked', async () => {
      const f = await fixture(open)
      const user = await f.user('bob')
      const inner = createHasher(CHEAP)
      const slow = {
        ...inner,
        async verify(password: string | Secret, stored: string) {
          await f.accounts.users.disable(user.id, CLI)
          return await inner.verify(password, stored)
        },
      }
      const { doors } = f.twin({ hasher: slow })
      f.takeEvents()
      const answer = await doors.password.signIn({ login: 'bob', password: new Secret(PASSWORD) }, from())
      assert.deepEqual(answer, { ok: false, reason: 'denied' })
      assert.deepEqual(f.takeEvents(), ['user_updated', 'authn_login_fail'])
      await f.accounts.users.enable(user.id, CLI)
      assert.deepEqual(await f.accounts.sessions.list(user.id, f.clock.now), [])
    })

    it('leaves no session, however sign-ins race with being disabled', async () => {
      const f = await fixture(open)
      const user = await f.user('bob')
      await Promise.all([
        ...Array.from({ length: 5 }, (_, i) => f.signIn('bob', { from: from(`net-${i}`) })),
        f.accounts.users.disable(user.id, CLI),
      ])
      await f.accounts.users.enable(user.id, CLI)
      assert.deepEqual(await f.accounts.sessions.list(user.id, f.clock.now), [])
    })

    it('gives changed roles effect at the next request, and asks for a new token', async () => {
      const f = await fixture(open, { roles: ROLES })
      await f.user('root', ['admin'])
      const user = await f.user('bob', ['admin', 'member', 'member'])
      assert.deepEqual(user.roles, ['admin', 'member'])
      const { token, principal } = await f.session('bob')
      assert.ok(principal.permissions.has('*'))
      f.takeEvents()
      assert.deepEqual(await f.accounts.users.setRoles(user.id, ['member'], CLI), { ok: true })
      assert.deepEqual(f.takeEvents(), ['authz_change'])
      const found = await f.accounts.sessions.find(token.reveal(), f.clock.now)
      assert.ok(found.ok && found.rotate)
      assert.deepEqual([found.principal.roles, [...found.principal.permissions]], [['member'], ['notes:read']])
      assert.deepEqual(await f.accounts.users.setRoles(user.id, ['wizard'], CLI), { ok: false, reason: 'role-unknown' })
    })

    it('grants nothing for a role that is no longer configured', async () => {
      const f = await fixture(open, { roles: ROLES })
      await f.user('bob', ['rootax', 'member'])
      const { token } = await f.session('bob')
      const found = await f.twin({ roles: { admin: ['*'], member: ['notes:read'] } }).sessions.find(token.reveal(), f.clock.now)
      assert.ok(found.ok)
      assert.deepEqual([found.principal.roles, [...found.principal.permissions]], [['member'], ['notes:read']])
    })

    it('always leaves an active administrator', async () => {
      const f = await fixture(open, { roles: ROLES })
      const one = await f.user('one', ['admin'])
      await f.user('not', ['rootax'])
      assert.equal((await f.accounts.users.disable(one.id, CLI)).ok, false)
      assert.deepEqual(await f.accounts.users.setRoles(one.id, ['member'], CLI), { ok: false, reason: 'last-administrator' })
      const two = await f.user('two', ['root_x'])
      assert.deepEqual(await f.accounts.users.setRoles(one.id, ['member'], CLI), { ok: true })
      assert.equal((await f.accounts.users.disable(two.id, CLI)).ok, false)
      assert.equal((await f.accounts.users.byId(two.id))?.status, 'active')
    })

    it('leaves one of two administrators who take each other out at the same moment', async () => {
      const f = await fixture(open)
      for (let round = 0; round < 5; round++) {
        const [one, two] = [await f.user(`one${round}`, ['admin']), await f.user(`two${round}`, ['admin'])]
        const [a, b] = await Promise.all([
          f.accounts.users.disable(one.id, CLI),
          f.accounts.users.setRoles(two.id, ['member'], CLI),
        ])
        const before = round === 0 ? 1 : 2
        assert.equal([a.ok, b.ok].filter(Boolean).length, before)
        assert.ok((await administratorsOf(f)) >= 1)
      }
    })
  })

  describe(`passwords on ${name}`, { skip }, () => {
    it('sets one under the policy, with the event that says who did it', async () => {
      const f = await fixture(open)
      const user = await f.user('bob')
      f.takeEvents()
      const set = (password: string) =>
        f.accounts.credentials.setPassword(user.id, new Secret(password), { kind: 'user', id: user.id })
      assert.deepEqual(await set('too short'), { ok: false, reason: 'too-short' })
      assert.deepEqual(await set(OTHER_PASSWORD), { ok: true })
      assert.deepEqual(
        f.events.map(({ type, data }) => [type, data?.['actor']]),
        [
          ['authn_password_change_fail', `user:${user.id}`],
          ['authn_password_change', `user:${user.id}`],
        ],
      )
      assert.equal((await f.signIn('bob')).ok, false)
      assert.ok((await f.signIn('bob', { password: OTHER_PASSWORD })).ok)
    })

    it('sets the first one of a user who had none', async () => {
      const f = await fixture(open)
      const created = await f.accounts.users.create({ login: 'bob' }, CLI)
      assert.ok(created.ok)
      assert.equal((await f.signIn('bob')).ok, false)
      assert.deepEqual(await f.accounts.credentials.setPassword(created.user.id, new Secret(PASSWORD), CLI), { ok: true })
      assert.ok((await f.signIn('bob')).ok)
    })
  })
}
