/** What ends a lock on every database: one letter, one link, and one account's failures. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { enrol, STEP } from '../../../test/support/second-factor.ts'
import { CLI, fixture, from, type Fixture, type Open } from '../fixture.contract.ts'
import { reachable } from './recovery.contract.ts'

const HOME = from('198.51.100.1')

/** Five wrong passwords, each from elsewhere. */
async function lock(f: Fixture, login: string): Promise<void> {
  for (let i = 0; i < 5; i++) await f.signIn(login, { password: 'wrong', from: from(`${login}-${i}`) })
}
const reasonOf = (answer: { readonly ok: boolean; readonly reason?: string }) => (answer.ok ? 'in' : answer.reason)

export function unlockContract(name: string, open: Open, skip: string | false = false): void {
  describe(`the end of a lock on ${name}`, { skip }, () => {
    it('is offered to the owner by one letter, and the link works once (L25)', async () => {
      const f = await fixture(open)
      await reachable(f)
      await lock(f, 'bob')
      for (let i = 0; i < 5; i++) assert.equal(reasonOf(await f.signIn('bob', { from: HOME })), 'throttled')
      const letters = await f.letters()
      assert.deepEqual(
        letters.map(({ letter, to }) => [letter, to]),
        [['unlock', 'Bob@mail.example']],
      )
      const token = f.tokenOf(letters, 'unlock')
      const { unlock } = f.accounts.doors
      assert.equal(await unlock.read(token), true)
      assert.equal((await race(20, () => unlock.unlock({ token }, HOME))).filter(({ ok }) => ok).length, 1)
      assert.equal(await unlock.read(token), false)
      assert.equal(reasonOf(await f.signIn('bob', { from: HOME })), 'in')
    })

    it('does not shut the owner out again when the others go on guessing', async () => {
      const f = await fixture(open)
      await reachable(f)
      await lock(f, 'bob')
      const token = f.tokenOf(await f.letters(), 'unlock')
      const unlocked = await f.accounts.doors.unlock.unlock({ token }, HOME)
      assert.ok(unlocked.ok)
      await lock(f, 'bob')
      assert.equal(reasonOf(await f.signIn('bob', { from: from('203.0.113.1') })), 'throttled')
      const knownDevice = unlocked.knownDevice.reveal()
      assert.equal(reasonOf(await f.signIn('bob', { from: { ...HOME, knownDevice } })), 'in')
    })

    it('gives back the failures of this account alone, and not those of its second factor (L85)', async () => {
      const f = await fixture(open)
      await reachable(f)
      await f.user('eve')
      const session = await f.session('bob')
      const app = await enrol(f.accounts, session.token.reveal(), () => f.clock.now)
      f.clock.now += STEP
      const guess = async (code: string) => {
        const first = await f.signIn('bob', { from: HOME })
        assert.ok(!first.ok && first.reason === 'second-factor')
        return reasonOf(await f.accounts.doors.secondFactor.signIn({ pending: first.pending!.reveal(), code }, HOME))
      }
      for (let i = 0; i < 5; i++) assert.equal(await guess('000000'), 'denied')
      await lock(f, 'bob')
      await lock(f, 'eve')
      const token = f.tokenOf(await f.letters(), 'unlock')
      assert.ok((await f.accounts.doors.unlock.unlock({ token }, HOME)).ok)
      assert.equal(await guess(app.code()), 'throttled')
      assert.equal(reasonOf(await f.signIn('eve')), 'throttled')
    })

    it('costs and answers the same for a name that nobody has, and for who cannot be written to (L73, L77)', async () => {
      const f = await fixture(open)
      await reachable(f)
      const dora = await reachable(f, 'dora', 'dora@mail.example')
      await f.accounts.users.disable(dora.id, CLI)
      await f.user('nora')
      const seen = []
      for (const login of ['bob', 'nobody', 'dora', 'nora']) {
        for (let i = 0; i < 4; i++) await f.signIn(login, { password: 'wrong', from: from(`${login}-${i}`) })
        f.takeEvents()
        f.work.reset()
        const answer = await f.signIn(login, { password: 'wrong', from: from(`${login}-4`) })
        seen.push({ answer, work: { ...f.work.counts }, events: f.takeEvents() })
      }
      for (const one of seen) assert.deepEqual(one, seen[0])
      assert.deepEqual(
        (await f.letters()).map(({ to }) => to),
        ['Bob@mail.example'],
      )
    })

    it('is written of three times a day at most, whoever goes on', async () => {
      const f = await fixture(open)
      await reachable(f)
      for (let i = 0; i < 10; i++) {
        await lock(f, 'bob')
        f.clock.now += 1_800_000
      }
      assert.equal((await f.letters()).length, 3)
    })

    it('is nothing for who was shut out meanwhile, or has another address (L35, L36)', async () => {
      for (const end of [
        (f: Fixture, id: string) => f.accounts.users.disable(id, CLI),
        (f: Fixture, id: string) => f.address(id, 'bob@other.example'),
      ]) {
        const f = await fixture(open)
        const { id } = await reachable(f)
        await lock(f, 'bob')
        const token = f.tokenOf(await f.letters(), 'unlock')
        await end(f, id)
        assert.deepEqual(await f.accounts.doors.unlock.unlock({ token }, HOME), { ok: false })
      }
    })

    it('may be made by an operator, for all networks at once', async () => {
      const f = await fixture(open)
      const { id } = await reachable(f)
      await f.session('bob', HOME)
      for (let i = 0; i < 5; i++) await f.signIn('bob', { password: 'wrong', from: HOME })
      await lock(f, 'bob')
      for (const origin of [HOME, from('203.0.113.1')])
        assert.equal(reasonOf(await f.signIn('bob', { from: origin })), 'throttled')
      f.takeEvents()
      assert.equal(await f.accounts.users.unlock(id, CLI), true)
      assert.deepEqual(f.takeEvents(), ['authn_login_unlock'])
      for (const origin of [HOME, from('203.0.113.1')]) assert.equal(reasonOf(await f.signIn('bob', { from: origin })), 'in')
      assert.equal(await f.accounts.users.unlock('nobody', CLI), false)
    })
  })
}
