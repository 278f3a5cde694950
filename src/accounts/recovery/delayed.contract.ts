/** What the way without second factor must hold on every database: it is slow, loud, one at a time, and anybody who is the owner stops it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { enrol, STEP } from '../../../test/support/second-factor.ts'
import { Secret } from '../../crypto/secret.ts'
import { CLI, fixture, from, OTHER_PASSWORD, type Fixture, type Open } from '../fixture.contract.ts'
import { reachable } from './recovery.contract.ts'

const HOUR = 3_600_000
const DELAY = 72 * HOUR

/** Somebody with an authenticator app, and the first step of a sign-in done. */
async function begun(open: Open) {
  const f = await fixture(open)
  const user = await reachable(f)
  const session = await f.session('bob')
  const app = await enrol(f.accounts, session.token.reveal(), () => f.clock.now)
  f.clock.now += STEP
  await f.letters()
  f.takeEvents()
  const pending = async (password?: string) => {
    const answer = await f.signIn('bob', password === undefined ? {} : { password })
    assert.ok(!answer.ok && answer.reason === 'second-factor', JSON.stringify(answer))
    return answer.pending!.reveal()
  }
  const ask = async () => f.accounts.doors.lostFactor.ask({ pending: await pending(), delay: DELAY }, from())
  return { f, user, app, pending, ask }
}
const sweep = (f: Fixture) => f.accounts.recoveries.sweep(f.clock.now)

export function delayedContract(name: string, open: Open, skip: string | false = false): void {
  describe(`delayed recovery on ${name}`, { skip }, () => {
    it('tells the owner at once and every day, and after the delay removes the factor by a link, once', async () => {
      const { f, user, ask, app } = await begun(open)
      const dueAt = f.clock.now + DELAY
      assert.deepEqual(await ask(), { ok: true, dueAt })
      assert.ok(f.takeEvents().includes('authn_recovery_delayed'))
      const hours = [(await f.letters())[0]!.data['hours']]
      for (let day = 1; day < 3; day++) {
        assert.equal(await sweep(f), 0, 'not before its time')
        f.clock.now += 24 * HOUR
        assert.deepEqual(
          (await race(5, () => sweep(f))).reduce((sum, one) => sum + one),
          1,
          'one letter, however many processes look',
        )
        hours.push((await f.letters())[0]!.data['hours'])
      }
      assert.deepEqual(hours, ['72', '48', '24'])
      f.clock.now = dueAt
      await sweep(f)
      const letters = await f.letters()
      assert.deepEqual(
        letters.map(({ letter }) => letter),
        ['remove-factors'],
      )
      const token = f.tokenOf(letters, 'remove-factors')
      const { lostFactor } = f.accounts.doors
      const results = await race(20, () => lostFactor.remove({ token }, from()))
      assert.equal(results.filter(Boolean).length, 1)
      assert.deepEqual((await f.accounts.factors.of(user.id)).kinds, [])
      assert.equal((await f.accounts.sessions.find(app.token, f.clock.now)).ok, false)
      await f.accounts.notices.sweep(f.clock.now)
      assert.ok((await f.letters()).some(({ data }) => data['what']?.includes('All second factors')))
      assert.deepEqual(
        (await f.letters()).map(({ letter }) => letter),
        [],
      )
      const after = await f.signIn('bob')
      assert.ok(after.ok && after.session.aal === 1, 'worth level 1 until there is a new factor')
    })

    it('is one at a time: who asks again gets the same end, and no new letter', async () => {
      const { f, ask, user } = await begun(open)
      const first = await ask()
      f.clock.now += HOUR
      assert.deepEqual(await ask(), first)
      assert.equal((await f.letters()).length, 1)
      assert.equal((await f.accounts.recoveries.of(user.id))?.ready, false)
    })

    it('begins once when many ask at the same moment', async () => {
      const { f, pending } = await begun(open)
      const waiting = await pending()
      await race(20, () => f.accounts.doors.lostFactor.ask({ pending: waiting, delay: DELAY }, from()))
      assert.equal((await f.letters()).length, 1)
    })

    it('is stopped by the link of any of its letters, by a living session, and by time', async () => {
      const ways: Record<string, (w: Awaited<ReturnType<typeof begun>>) => Promise<unknown>> = {
        link: async ({ f }) => {
          const token = f.tokenOf(await f.letters(), 'delayed-recovery')
          const { lostFactor } = f.accounts.doors
          assert.equal(await lostFactor.read('cancel-recovery', token), true)
          assert.equal((await race(20, () => lostFactor.cancel({ token }, from()))).filter(Boolean).length, 1)
        },
        session: async ({ f, user }) => {
          assert.equal(await f.accounts.recoveries.cancel(user.id, { kind: 'user', id: user.id }), true)
          assert.equal(await f.accounts.recoveries.cancel(user.id, CLI), false)
        },
        time: async ({ f }) => {
          f.clock.now += DELAY
          await sweep(f)
          f.clock.now += DELAY
          await sweep(f)
        },
      }
      for (const [by, stop] of Object.entries(ways)) {
        const world = await begun(open)
        await world.ask()
        await stop(world)
        const { f, user } = world
        assert.equal(await f.accounts.recoveries.of(user.id), undefined, by)
        const told = f.events.findLast(({ type }) => type === 'authn_recovery_cancelled')
        assert.equal(told?.data?.['by'], by)
        await f.letters()
        f.clock.now += DELAY
        await sweep(f)
        assert.deepEqual(await f.letters(), [], by)
        assert.deepEqual((await f.accounts.factors.of(user.id)).kinds, ['recovery-codes', 'totp'].toSorted().toReversed(), by)
      }
    })

    it('is stopped by whatever shows that nothing was lost, or that somebody else asked', async () => {
      const ways: Record<string, (w: Awaited<ReturnType<typeof begun>>) => Promise<unknown>> = {
        'signing in with the factor': async ({ f, pending, app }) =>
          assert.ok((await f.accounts.doors.secondFactor.signIn({ pending: await pending(), code: app.code() }, from())).ok),
        'signing in with a recovery code': async ({ f, pending, app }) =>
          assert.ok(
            (await f.accounts.doors.secondFactor.signIn({ pending: await pending(), code: app.recoveryCodes[0]! }, from())).ok,
          ),
        'a new password': ({ f, user }) => f.accounts.credentials.setPassword(user.id, new Secret(OTHER_PASSWORD), CLI),
        'being shut out': ({ f, user }) => f.accounts.users.disable(user.id, CLI),
      }
      for (const [what, stop] of Object.entries(ways)) {
        const world = await begun(open)
        await world.ask()
        await stop(world)
        assert.equal(await world.f.accounts.recoveries.of(world.user.id), undefined, what)
      }
    })

    it('goes on when the password is recovered meanwhile: who lost both needs both', async () => {
      const { f, user, ask, pending } = await begun(open)
      await ask()
      await f.letters()
      await f.accounts.doors.recovery.ask({ who: 'bob', life: HOUR }, from())
      const token = f.tokenOf(await f.letters(), 'recover')
      assert.ok((await f.accounts.doors.recovery.set({ token, password: new Secret(OTHER_PASSWORD) }, from())).ok)
      await pending(OTHER_PASSWORD)
      assert.ok(await f.accounts.recoveries.of(user.id))
    })

    it('is over when the address is another one by the time (L36)', async () => {
      const { f, user, ask } = await begun(open)
      await ask()
      const cancel = f.tokenOf(await f.letters(), 'delayed-recovery')
      await f.address(user.id, 'bob@other.example')
      f.clock.now += DELAY
      await sweep(f)
      assert.deepEqual(await f.letters(), [])
      assert.equal(await f.accounts.recoveries.of(user.id), undefined)
      assert.equal(await f.accounts.doors.lostFactor.cancel({ token: cancel }, from()), false)
    })

    it('needs the first step, an address to write to, and a factor to lose', async () => {
      const { f, user, ask, pending } = await begun(open)
      const { lostFactor } = f.accounts.doors
      for (const nothing of ['', 'x'.repeat(43)])
        assert.deepEqual(await lostFactor.ask({ pending: nothing, delay: DELAY }, from()), { ok: false, reason: 'expired' })
      const waiting = await pending()
      await f.accounts.credentials.setPassword(user.id, new Secret(OTHER_PASSWORD), CLI)
      assert.deepEqual(await lostFactor.ask({ pending: waiting, delay: DELAY }, from()), { ok: false, reason: 'expired' })
      await f.accounts.credentials.setPassword(user.id, new Secret('crimson kettle orbit lagoon'), CLI)
      await f.address(user.id, 'bob@other.example', false)
      assert.deepEqual(await ask(), { ok: false, reason: 'no-address' })
    })

    it('may be begun three times a week, so that asking again after each cancelling wears nobody out', async () => {
      const { f, user, ask } = await begun(open)
      for (let i = 0; i < 3; i++) {
        assert.ok((await ask()).ok)
        await f.accounts.recoveries.cancel(user.id, CLI)
        f.clock.now += 1000
      }
      const fourth = await ask()
      assert.ok(!fourth.ok && fourth.reason === 'throttled')
    })
  })
}
