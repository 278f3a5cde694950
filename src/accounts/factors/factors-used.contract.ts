/** What the codes of second factors must hold: one use, one winner, one count. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { Secret } from '../../crypto/secret.ts'
import { CLI, fixture, from, OTHER_PASSWORD, type Open } from '../fixture.contract.ts'
import { STEP, enrolled, pending, enter, reasonOf } from './factors-fixture.contract.ts'

export function factorsUsedContract(name: string, open: Open, skip: string | false = false): void {
  describe(`codes of second factors on ${name}`, { skip }, () => {
    it('take no code twice, nor one from before it, nor the one of the enrolment (L15)', async () => {
      const f = await fixture(open)
      const { code } = await enrolled(f)
      assert.equal(reasonOf(await enter(f, await pending(f), code(-1))), 'denied', 'the code of the enrolment')
      const used = code()
      assert.equal(reasonOf(await enter(f, await pending(f), used)), 'in')
      assert.equal(reasonOf(await enter(f, await pending(f), used)), 'denied')
      assert.equal(reasonOf(await enter(f, await pending(f), code(-1))), 'denied')
      f.clock.now += STEP
      assert.equal(reasonOf(await enter(f, await pending(f), used)), 'denied')
      assert.equal(reasonOf(await enter(f, await pending(f), code())), 'in')
    })

    it('take a code of one step before and after, and none from farther away', async () => {
      const f = await fixture(open)
      const { code } = await enrolled(f)
      f.clock.now += 10 * STEP
      assert.equal(reasonOf(await enter(f, await pending(f), code(-2))), 'denied')
      assert.equal(reasonOf(await enter(f, await pending(f), code(2))), 'denied')
      assert.equal(reasonOf(await enter(f, await pending(f), code(-1))), 'in')
      assert.equal(reasonOf(await enter(f, await pending(f), ` ${code(1).slice(0, 3)} ${code(1).slice(3)}`)), 'in')
    })

    it('let exactly one of twenty in with the same code (L15, L25)', async () => {
      const f = await fixture(open, {
        limits: { factorBurst: { limit: 100, period: 1000 }, factor: { limit: 100, period: 1000 } },
      })
      const { code } = await enrolled(f)
      const waiting: string[] = []
      for (let i = 0; i < 20; i++) waiting.push(await pending(f))
      const answers = await race(20, (i) => enter(f, waiting[i]!, code(), from(`net-${i}`)))
      assert.equal(answers.filter(({ ok }) => ok).length, 1)
    })

    it('make one session of one sign-in that waits, whoever asks for it how often (L14)', async () => {
      const f = await fixture(open, {
        limits: { factorBurst: { limit: 100, period: 1000 }, factor: { limit: 100, period: 1000 } },
      })
      const { code, recoveryCodes } = await enrolled(f)
      const waiting = await pending(f)
      const answers = await race(20, (i) => enter(f, waiting, i % 2 ? code() : recoveryCodes[i / 2]!, from(`net-${i}`)))
      assert.equal(answers.filter(({ ok }) => ok).length, 1)
      const old = await pending(f)
      f.clock.now += 300_001
      assert.deepEqual(await enter(f, old, code()), { ok: false, reason: 'expired' })
      assert.equal(await f.accounts.doors.secondFactor.waits(old), false)
    })

    it('let exactly one of twenty in with the same recovery code, and end the other sessions (L23)', async () => {
      const f = await fixture(open, {
        limits: { factorBurst: { limit: 100, period: 1000 }, factor: { limit: 100, period: 1000 } },
      })
      const { recoveryCodes, session, user } = await enrolled(f)
      const waiting: string[] = []
      for (let i = 0; i < 20; i++) waiting.push(await pending(f))
      const answers = await race(20, (i) => enter(f, waiting[i]!, recoveryCodes[0]!, from(`net-${i}`)))
      assert.equal(answers.filter(({ ok }) => ok).length, 1)
      assert.equal((await f.accounts.factors.of(user.id)).recoveryCodesLeft, 9)
      assert.deepEqual(await f.accounts.sessions.find(session.token.reveal(), f.clock.now), { ok: false, reason: 'ended' })
      const lower = recoveryCodes[1]!.toLowerCase().replaceAll('-', ' ')
      assert.equal(reasonOf(await enter(f, await pending(f), lower, from('net-x'))), 'in')
    })

    it('end the other sessions when a recovery code proves again, and keep this one (L23)', async () => {
      const f = await fixture(open)
      const { session, code, recoveryCodes } = await enrolled(f)
      const other = await enter(f, await pending(f), code())
      assert.ok(other.ok)
      const token = session.token.reveal()
      const proved = await f.accounts.doors.secondFactor.proveAgain({ token, code: recoveryCodes[0]! }, from())
      assert.ok(proved.ok && proved.session.id === session.session.id)
      assert.ok((await f.accounts.sessions.find(proved.token.reveal(), f.clock.now)).ok)
      assert.equal((await f.accounts.sessions.find(other.token.reveal(), f.clock.now)).ok, false)
    })

    it('take no token that was cut, changed or made for something else (L34, L37, L39)', async () => {
      const f = await fixture(open)
      const { session, code } = await enrolled(f)
      const waiting = await pending(f)
      const flipped = `${waiting.slice(0, -1)}${waiting.endsWith('A') ? 'B' : 'A'}`
      const odd = [
        '',
        waiting.slice(0, -1),
        `${waiting}A`,
        flipped,
        waiting.toLowerCase(),
        '\0',
        'x'.repeat(100_000),
        session.token.reveal(),
      ]
      for (const token of odd) {
        assert.equal(reasonOf(await enter(f, token, code())), 'expired')
        assert.equal(await f.accounts.doors.secondFactor.waits(token), false)
      }
      for (const blank of ['', ' ', '\0', '000', '-', '0'.repeat(1000)]) {
        assert.equal(reasonOf(await enter(f, waiting, blank, from(`net-${blank.length}`))) === 'in', false)
      }
      f.clock.now += 240_000
      assert.equal(reasonOf(await enter(f, waiting, code(), from('net-x'))), 'in')
    })

    it('count the failures of all kinds together, before anything is compared (L04)', async () => {
      const f = await fixture(open)
      const { code } = await enrolled(f)
      f.takeEvents()
      const waiting = await pending(f)
      const guesses = ['000000', 'AAAA-AAAA-AAAA-AAAA', '111111', 'nonsense', '2222-2222-2222-2222']
      for (const [i, guess] of guesses.entries())
        assert.equal(reasonOf(await enter(f, waiting, guess, from(`net-${i}`))), 'denied')
      const locked = await enter(f, waiting, code(), from('net-9'))
      assert.deepEqual(locked, { ok: false, reason: 'throttled', retryAfter: 60 })
      const fails = f.events.filter(({ type }) => type === 'authn_login_fail')
      assert.ok(fails.every(({ data }) => data?.['door'] === 'second-factor'))
      assert.equal(fails.length, 5)
      assert.equal(f.events.filter(({ type }) => type === 'authn_login_fail_max').length, 1)
    })

    it('look at exactly 5 of 100 guesses at the same moment (L04, L27)', async () => {
      const f = await fixture(open)
      await enrolled(f)
      const waiting = await pending(f)
      const answers = await race(100, (i) => enter(f, waiting, String(100_000 + i), from(`net-${i}`)))
      assert.equal(answers.filter((answer) => reasonOf(answer) === 'throttled').length, 95)
    })

    it('do not let who has the password lock the owner out of a browser that the owner uses', async () => {
      const f = await fixture(open)
      const { code } = await enrolled(f)
      const home = from('home', { knownDevice: f.accounts.knownDevices.issue('bob').reveal() })
      const waiting = await pending(f, 'bob', from('elsewhere'))
      for (let i = 0; i < 6; i++) await enter(f, waiting, '000000', from('elsewhere'))
      assert.equal(reasonOf(await enter(f, waiting, code(), from('elsewhere'))), 'throttled')
      assert.equal(reasonOf(await enter(f, await pending(f, 'bob', home), code(), home)), 'in')
    })

    it('void a sign-in that waits when the password is set, the user disabled, or it is cancelled (L05, L11)', async () => {
      const f = await fixture(open)
      const { code, user } = await enrolled(f)
      const first = await pending(f)
      await f.accounts.doors.secondFactor.cancel(first)
      assert.equal(reasonOf(await enter(f, first, code())), 'expired')
      const second = await pending(f)
      await f.accounts.users.disable(user.id, CLI)
      assert.equal(reasonOf(await enter(f, second, code())), 'denied')
      await f.accounts.users.enable(user.id, CLI)
      const third = await pending(f)
      await f.accounts.credentials.setPassword(user.id, new Secret(OTHER_PASSWORD), CLI)
      assert.equal(reasonOf(await enter(f, third, code(1))), 'denied')
    })

    it("take nobody else's code, neither to sign in nor to prove again (L09)", async () => {
      const f = await fixture(open)
      const bob = await enrolled(f, 'bob')
      const eve = await enrolled(f, 'eve')
      const { secondFactor } = f.accounts.doors
      const token = bob.session.token.reveal()
      assert.equal(reasonOf(await enter(f, await pending(f, 'bob'), eve.code())), 'denied')
      assert.equal(reasonOf(await enter(f, await pending(f, 'bob'), eve.recoveryCodes[0]!)), 'denied')
      assert.equal(reasonOf(await secondFactor.proveAgain({ token, code: eve.code() }, from())), 'denied')
      assert.equal(reasonOf(await secondFactor.proveAgain({ token, code: bob.code() }, from())), 'in')
    })
  })
}
