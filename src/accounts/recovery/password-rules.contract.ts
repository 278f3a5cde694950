/** What else is asked of passwords, on every database: length by what stands beside them, history, age. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { enrol, STEP } from '../../../test/support/second-factor.ts'
import { Secret } from '../../crypto/secret.ts'
import { CLI, fixture, from, OTHER_PASSWORD, PASSWORD, type Fixture, type Open } from '../fixture.contract.ts'

const SHORT = 'tq7 vex9 #m'
const DAY = 86_400_000
const choose = (f: Fixture, id: string, password: string) =>
  f.accounts.credentials.setPassword(id, new Secret(password), { kind: 'user', id })
const THIRD = 'granite meadow whistle forty'

/** Signs in, and takes what waits for a new password. */
async function dueFor(f: Fixture, password = PASSWORD): Promise<string> {
  const answer = await f.signIn('bob', { password })
  assert.ok(!answer.ok && answer.reason === 'second-factor' && answer.newPassword === true, JSON.stringify(answer))
  return answer.pending!.reveal()
}

export function passwordRulesContract(name: string, open: Open, skip: string | false = false): void {
  describe(`rules of passwords on ${name}`, { skip }, () => {
    it('take 8 characters beside a second factor, 15 without, and ask for a longer one when the factor goes', async () => {
      const f = await fixture(open)
      const { id } = await f.user('bob')
      assert.deepEqual(await choose(f, id, SHORT), { ok: false, reason: 'too-short' })
      const session = await f.session('bob')
      const app = await enrol(f.accounts, session.token.reveal(), () => f.clock.now)
      f.clock.now += STEP
      assert.equal(await f.accounts.credentials.shortest(id), 8)
      assert.deepEqual(await choose(f, id, 'tq7 vex'), { ok: false, reason: 'too-short' })
      assert.ok((await choose(f, id, SHORT)).ok)
      const first = await f.signIn('bob', { password: SHORT })
      assert.ok(!first.ok && first.reason === 'second-factor' && first.newPassword === undefined)
      assert.ok((await f.accounts.doors.secondFactor.signIn({ pending: first.pending!.reveal(), code: app.code() }, from())).ok)
      assert.ok(await f.accounts.factors.reset(id, CLI, 'lost'))
      f.takeEvents()
      const pending = await dueFor(f, SHORT)
      assert.deepEqual(f.takeEvents(), ['authn_password_due'])
      assert.deepEqual(await f.accounts.sessions.list(id, f.clock.now), [], 'no session before that')
      const { newPassword, secondFactor } = f.accounts.doors
      assert.equal(await secondFactor.waits(pending), false, 'it waits for nothing else (L39)')
      assert.deepEqual(await newPassword.read(pending), { login: 'bob', shortest: 15 })
      const refused = await newPassword.set({ pending, password: new Secret(SHORT) }, from())
      assert.deepEqual(refused, { ok: false, reason: 'too-short' })
      const results = await race(20, () => newPassword.set({ pending, password: new Secret(OTHER_PASSWORD) }, from()))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      assert.equal(await newPassword.read(pending), undefined)
      assert.ok((await f.signIn('bob', { password: OTHER_PASSWORD })).ok)
    })

    it('take none of the last passwords again, where there is a history', async () => {
      const f = await fixture(open, { passwordRules: { history: 2 } })
      const { id } = await f.user('bob')
      assert.deepEqual(await choose(f, id, PASSWORD), { ok: false, reason: 'used-before' })
      assert.ok((await choose(f, id, OTHER_PASSWORD)).ok)
      assert.deepEqual(await choose(f, id, PASSWORD), { ok: false, reason: 'used-before' })
      assert.ok((await choose(f, id, THIRD)).ok)
      assert.ok((await choose(f, id, PASSWORD)).ok, 'the one before the last two may be chosen again')
      const kept = await f.database.kysely.selectFrom('hf_password_history').selectAll().execute()
      assert.equal(kept.length, 1)
    })

    it('keep nothing and hash once where there is no history', async () => {
      const f = await fixture(open)
      const { id } = await f.user('bob')
      f.work.reset()
      assert.ok((await choose(f, id, OTHER_PASSWORD)).ok)
      assert.equal(f.work.counts.hash, 1)
      assert.deepEqual(await f.database.kysely.selectFrom('hf_password_history').selectAll().execute(), [])
      assert.ok((await choose(f, id, OTHER_PASSWORD)).ok)
    })

    it('ask for another one after its time, at the sign-in and not before, and not for the same', async () => {
      const f = await fixture(open, { passwordRules: { history: 0, expiry: 90 * DAY } })
      await f.user('bob')
      f.clock.now += 90 * DAY - 1
      const last = await f.session('bob')
      f.clock.now += 1
      assert.ok((await f.accounts.sessions.find(last.token.reveal(), f.clock.now)).ok, 'sessions live on')
      const pending = await dueFor(f)
      const { newPassword } = f.accounts.doors
      assert.deepEqual(await newPassword.set({ pending, password: new Secret(PASSWORD) }, from()), {
        ok: false,
        reason: 'used-before',
      })
      assert.ok((await newPassword.set({ pending, password: new Secret(OTHER_PASSWORD) }, from())).ok)
      assert.ok((await f.signIn('bob', { password: OTHER_PASSWORD })).ok)
    })

    it('ask nothing of who has the wrong password, whatever its age', async () => {
      const f = await fixture(open, { passwordRules: { history: 0, expiry: DAY } })
      await f.user('bob')
      f.clock.now += 2 * DAY
      assert.deepEqual(await f.signIn('bob', { password: OTHER_PASSWORD }), { ok: false, reason: 'denied' })
    })

    it('are void for a sign-in whose password was replaced meanwhile (A95)', async () => {
      const f = await fixture(open, { passwordRules: { history: 0, expiry: DAY } })
      const { id } = await f.user('bob')
      f.clock.now += 2 * DAY
      const pending = await dueFor(f)
      assert.ok((await choose(f, id, OTHER_PASSWORD)).ok)
      const late = await f.accounts.doors.newPassword.set({ pending, password: new Secret(THIRD) }, from())
      assert.deepEqual(late, { ok: false, reason: 'expired' })
    })
  })
}
