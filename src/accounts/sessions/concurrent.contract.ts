/** What a limit of sessions must hold on every database. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { fixture, from, OTHER_PASSWORD, type Open } from '../fixture.contract.ts'

const HOUR = 3_600_000
const one = (over: 'end-oldest' | 'refuse', roles: Readonly<Record<string, number>> = {}) => ({
  concurrent: { max: 1, over, roles },
})

export function concurrentContract(name: string, open: Open, skip: string | false = false): void {
  describe(`a limit of sessions on ${name}`, { skip }, () => {
    it('leaves exactly one session of twenty sign-ins at once, whatever is done with the others (L25)', async () => {
      for (const over of ['end-oldest', 'refuse'] as const) {
        const f = await fixture(open, one(over))
        const user = await f.user('bob')
        const results = await race(20, (i) => f.signIn('bob', { from: from(`net-${i % 4}`) }))
        const living = await f.accounts.sessions.list(user.id, f.clock.now)
        assert.equal(living.length, 1, over)
        const won = results.filter(({ ok }) => ok).length
        if (over === 'refuse') assert.equal(won, 1)
        const works = await Promise.all(
          results.map(async (result) => result.ok && (await f.accounts.sessions.find(result.token.reveal(), f.clock.now)).ok),
        )
        assert.equal(works.filter(Boolean).length, 1)
      }
    })

    it('ends the session that began first, and says which', async () => {
      const f = await fixture(open, { concurrent: { max: 2, over: 'end-oldest', roles: {} } })
      await f.user('bob')
      const first = await f.session('bob')
      f.clock.now += 1000
      const second = await f.session('bob')
      f.clock.now += 1000
      f.takeEvents()
      const third = await f.session('bob')
      const ended = f.events.find(({ type, data }) => type === 'session_ended' && data?.['reason'] === 'concurrent')
      assert.deepEqual(ended?.data?.['sessions'], [first.session.id])
      const states = await Promise.all(
        [first, second, third].map(async ({ token }) => (await f.accounts.sessions.find(token.reveal(), f.clock.now)).ok),
      )
      assert.deepEqual(states, [false, true, true])
    })

    it('refuses only who has proved everything; a wrong password learns nothing', async () => {
      const f = await fixture(open, one('refuse'))
      await f.user('bob')
      await f.session('bob')
      assert.deepEqual(await f.signIn('bob', { password: OTHER_PASSWORD }), { ok: false, reason: 'denied' })
      f.takeEvents()
      assert.deepEqual(await f.signIn('bob'), { ok: false, reason: 'too-many-sessions', max: 1 })
      assert.deepEqual(f.takeEvents(), ['authn_session_limit'])
    })

    it('counts neither the session that the browser holds, nor those that ran out', async () => {
      const f = await fixture(open, one('refuse'))
      await f.user('bob')
      const held = await f.session('bob')
      const again = await f.signIn('bob', { replaces: held.token.reveal() })
      assert.ok(again.ok)
      f.clock.now += HOUR
      assert.ok((await f.signIn('bob')).ok)
    })

    it('takes the smallest number among the roles, before the one for everybody', async () => {
      const f = await fixture(open, { concurrent: { max: undefined, over: 'refuse', roles: { admin: 1, member: 2 } } })
      await f.user('ada', ['admin', 'member'])
      await f.user('bob', ['member'])
      const tries = async (login: string) =>
        [await f.signIn(login), await f.signIn(login), await f.signIn(login)].map(({ ok }) => ok)
      assert.deepEqual(await tries('ada'), [true, false, false])
      assert.deepEqual(await tries('bob'), [true, true, false])
    })

    it('refuses at start-up a role that nobody can have', async () => {
      await assert.rejects(fixture(open, one('refuse', { amdin: 1 })), /session\.concurrent\.roles.*Did you mean "admin"/)
    })

    it('does not let a browser that remembers bring back the session that made room', async () => {
      const lives = { remember: 30 * 24 * HOUR }
      const f = await fixture(open, { ...one('end-oldest'), browsers: lives })
      await f.user('bob')
      const first = await f.session('bob')
      const token = await f.accounts.browsers.begin('remember', first.token, from())
      await f.session('bob')
      assert.equal((await f.accounts.doors.remember.signIn({ token: token!.reveal() }, from())).ok, false)
    })

    it('opens one session for tabs that a browser restores at once, and the browser goes on remembering', async () => {
      const f = await fixture(open, { ...one('end-oldest'), browsers: { remember: 30 * 24 * HOUR } })
      const user = await f.user('bob')
      const token = await f.accounts.browsers.begin('remember', (await f.session('bob')).token, from())
      const results = await race(5, () => f.accounts.doors.remember.signIn({ token: token!.reveal() }, from()))
      assert.equal((await f.accounts.sessions.list(user.id, f.clock.now)).length, 1)
      const next = results.flatMap((result) => (result.ok && result.remember ? [result.remember] : []))
      assert.equal(next.length, 1)
      assert.ok((await f.accounts.doors.remember.signIn({ token: next[0]!.reveal() }, from())).ok)
    })
  })
}
