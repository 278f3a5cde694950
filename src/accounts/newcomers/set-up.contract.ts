/** What the first administrator must hold on every database: made once, with the code, and never again. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Secret } from '../../crypto/secret.ts'
import { race } from '../../../test/support/race.ts'
import { administratorsOf, fixture, from, fullHasher, PASSWORD, type Open } from '../fixture.contract.ts'

export function setUpContract(name: string, open: Open, skip: string | false = false): void {
  describe(`set-up on ${name}`, { skip }, () => {
    const input = (code: string, login = 'root') => ({ code, login, name: 'Root', password: new Secret(PASSWORD) })

    it('makes the first administrator with the code, signs them in, and closes for good', async () => {
      const f = await fixture(open)
      assert.equal(await f.accounts.setUp.open(), true)
      const code = await f.accounts.setUp.code()
      assert.match(code!, /^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/)
      const stored = JSON.stringify(await f.database.kysely.selectFrom('hf_value').selectAll().execute())
      assert.ok(!stored.includes(code!))
      const result = await f.accounts.setUp.complete(input(` ${code!.toLowerCase()} `), from())
      assert.ok(result.ok)
      assert.deepEqual(result.principal.roles, ['admin'])
      assert.deepEqual(f.takeEvents(), ['user_created', 'authn_setup', 'authn_login_success', 'session_created'])
      assert.equal(await f.accounts.setUp.open(), false)
      assert.equal(await f.accounts.setUp.code(), undefined)
      assert.deepEqual(await f.accounts.setUp.complete(input(code!, 'second'), from()), { ok: false, reason: 'closed' })
    })

    it('does not use the code up for an input that will not do', async () => {
      const f = await fixture(open)
      const code = (await f.accounts.setUp.code())!
      const bad = { ...input(code), password: new Secret('short') }
      assert.deepEqual(await f.accounts.setUp.complete(bad, from()), { ok: false, reason: 'too-short' })
      assert.deepEqual(await f.accounts.setUp.complete({ ...input(code), login: 'a b' }, from()), {
        ok: false,
        reason: 'login-invalid',
      })
      assert.ok((await f.accounts.setUp.complete(input(code), from())).ok)
    })

    it('refuses a wrong, an old and a replaced code', async () => {
      const f = await fixture(open)
      const replaced = (await f.accounts.setUp.code())!
      const code = (await f.accounts.setUp.code())!
      for (const wrong of ['', replaced, 'AAAA-AAAA-AAAA', 'x'.repeat(100_000)]) {
        assert.deepEqual(await f.accounts.setUp.complete(input(wrong), from()), { ok: false, reason: 'code' })
      }
      f.clock.now += 3_600_000
      assert.deepEqual(await f.accounts.setUp.complete(input(code), from()), { ok: false, reason: 'code' })
    })

    it('has one winner of 20 at once', async () => {
      const f = await fixture(open)
      const code = (await f.accounts.setUp.code())!
      const results = await race(20, (i) => f.accounts.setUp.complete(input(code, `root${i}`), from(`net-${i}`)))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      assert.ok(results.every((result) => result.ok || result.reason === 'closed' || result.reason === 'code'))
      assert.equal(await f.accounts.users.count(), 1)
      assert.equal(await administratorsOf(f), 1)
    })

    it('limits guesses of a network, says busy when it is', async () => {
      const f = await fixture(open)
      const code = (await f.accounts.setUp.code())!
      for (let i = 0; i < 25; i++) {
        const answer = await f.twin({ hasher: fullHasher }).setUp.complete(input(code), from())
        assert.deepEqual(answer, { ok: false, reason: 'busy', retryAfter: 3 })
      }
      const guesses = await race(30, () => f.accounts.setUp.complete(input('AAAA-AAAA-AAAA'), from()))
      assert.equal(guesses.filter((guess) => !guess.ok && guess.reason === 'code').length, 20)
      const last = guesses.find((guess) => !guess.ok && guess.reason === 'throttled')
      assert.ok(last && !last.ok && last.retryAfter! >= 1)
    })
  })
}
