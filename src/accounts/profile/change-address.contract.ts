/** What another address of mail must hold on every database: nothing before it was read, one winner, and the way back. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { fixture, from, OTHER_PASSWORD, type Fixture, type Open } from '../fixture.contract.ts'
import { Secret } from '../../crypto/secret.ts'

const OLD = 'bob@old.example'
const NEW = 'bob@new.example'
const WEEK = 604_800_000

/** Bob with a verified address and a session. */
export async function owner(open: Open, login = 'bob') {
  const f = await fixture(open)
  const { id } = await f.user(login)
  await f.address(id, OLD)
  const { session, token } = await f.session(login)
  f.takeEvents()
  const ask = (address = NEW) => f.accounts.doors.changeAddress.ask({ userId: id, session: session.id, address }, from())
  const addressOf = async () => (await f.accounts.users.byId(id))?.address
  const holds = async () => (await f.accounts.sessions.find(token.reveal(), f.clock.now)).ok
  return { f, id, ask, addressOf, holds, door: f.accounts.doors.changeAddress }
}

/** The letters that were put down, after the notices were written. */
export async function allLetters(f: Fixture) {
  await f.accounts.notices.sweep(f.clock.now)
  return await f.letters()
}

export function changeAddressContract(name: string, open: Open, skip: string | false = false): void {
  describe(`another address on ${name}`, { skip }, () => {
    it('counts only when its mail was read, and both addresses hear of it (L28, L102)', async () => {
      const { f, ask, addressOf, door, holds } = await owner(open)
      assert.deepEqual(await ask(), { ok: true })
      assert.deepEqual(await addressOf(), { text: OLD, verified: true }, 'nothing is changed yet')
      const letters = await allLetters(f)
      assert.deepEqual(letters.map(({ letter, to }) => [letter, to]).toSorted(), [
        ['change-address', NEW],
        ['notice', OLD],
      ])
      const token = f.tokenOf(letters, 'change-address')
      assert.equal(await door.read('change-address', token), NEW)
      const results = await race(20, () => door.confirm(token, from()))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      assert.deepEqual(await addressOf(), { text: NEW, verified: true })
      assert.ok(await holds(), 'the session in which it was asked for lives on')
      const after = await allLetters(f)
      assert.deepEqual(
        after.map(({ letter, to }) => [letter, to]),
        [['notice', OLD]],
      )
    })

    it('can be taken back by who had the one before, for a week, once; all sessions end and the password is void (L25, L36)', async () => {
      const { f, id, ask, addressOf, door, holds } = await owner(open)
      await ask()
      await door.confirm(f.tokenOf(await allLetters(f), 'change-address'), from())
      const token = f.tokenOf(await allLetters(f), 'notice')
      f.clock.now += WEEK - 1
      assert.equal(await door.read('undo-address', token), OLD)
      f.takeEvents()
      const results = await race(20, () => door.undo(token, from()))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      assert.deepEqual(await addressOf(), { text: OLD, verified: true })
      assert.equal(await holds(), false)
      assert.equal((await f.signIn('bob')).ok, false, 'the password is void')
      assert.ok(f.takeEvents().includes('authn_taken_back'))
      assert.deepEqual(await allLetters(f), [], 'who had it in between hears nothing, and has nothing to take it back with')
      await f.accounts.credentials.setPassword(id, new Secret(OTHER_PASSWORD), { kind: 'system', id: 'cli' })
      assert.ok((await f.signIn('bob', { password: OTHER_PASSWORD })).ok)
    })

    it('is taken back past a second change, and whoever made those cannot take that back', async () => {
      const { f, id, ask, addressOf, door } = await owner(open)
      await ask('eve@evil.example')
      await door.confirm(f.tokenOf(await allLetters(f), 'change-address'), from())
      const mine = f.tokenOf(await allLetters(f), 'notice')
      const { session } = await f.session('bob')
      await door.ask({ userId: id, session: session.id, address: 'eve@other.example' }, from())
      await door.confirm(f.tokenOf(await allLetters(f), 'change-address'), from())
      const theirs = f.tokenOf(await allLetters(f), 'notice')
      assert.ok((await door.undo(mine, from())).ok)
      assert.deepEqual(await door.undo(theirs, from()), { ok: false, reason: 'void' })
      assert.deepEqual(await addressOf(), { text: OLD, verified: true })
    })

    it('is over after its week', async () => {
      const { f, ask, door } = await owner(open)
      await ask()
      await door.confirm(f.tokenOf(await allLetters(f), 'change-address'), from())
      const token = f.tokenOf(await allLetters(f), 'notice')
      f.clock.now += WEEK
      assert.equal(await door.read('undo-address', token), undefined)
      assert.deepEqual(await door.undo(token, from()), { ok: false, reason: 'void' })
    })

    it('confirms what was asked for last, and nothing after another change or a new password (L28, L35, L36, L40)', async () => {
      const { f, id, ask, addressOf, door } = await owner(open)
      await ask('one@new.example')
      const first = f.tokenOf(await f.letters(), 'change-address')
      await ask('two@new.example')
      const second = f.tokenOf(await f.letters(), 'change-address')
      assert.deepEqual(await door.confirm(first, from()), { ok: false, reason: 'void' })
      await f.accounts.credentials.setPassword(id, new Secret(OTHER_PASSWORD), { kind: 'user', id })
      assert.deepEqual(await door.confirm(second, from()), { ok: false, reason: 'void' })
      await ask('three@new.example')
      const third = f.tokenOf(await f.letters(), 'change-address')
      await f.address(id, 'set-by@operator.example')
      assert.deepEqual(await door.confirm(third, from()), { ok: false, reason: 'void' })
      assert.equal((await addressOf())?.text, 'set-by@operator.example')
    })

    it('is nothing at another door, and gives nobody a session (L34, L39)', async () => {
      const { f, ask, door } = await owner(open)
      await ask()
      const token = f.tokenOf(await f.letters(), 'change-address')
      assert.deepEqual(await door.undo(token, from()), { ok: false, reason: 'void' })
      assert.deepEqual(await f.accounts.doors.notMe.act(token, from()), { ok: false, reason: 'void' })
      assert.deepEqual(await f.accounts.doors.verifyAddress.confirm(token, from()), { ok: false, reason: 'void' })
      f.takeEvents()
      assert.ok((await door.confirm(token, from())).ok)
      assert.ok(!f.takeEvents().includes('session_created'))
    })

    it('answers and works the same for an address that is somebody else’s, whose owner gets a letter (L73, L76)', async () => {
      const { f, ask } = await owner(open)
      const eve = await f.user('eve')
      await f.address(eve.id, 'eve@mail.example')
      const seen = []
      for (const address of ['free@mail.example', 'eve@mail.example', 'EVE@mail.example']) {
        f.work.reset()
        const answer = await ask(address)
        seen.push({ answer, counts: { ...f.work.counts }, letters: (await f.letters()).length })
        f.clock.now += 1
      }
      assert.deepEqual(seen[1], seen[0])
      assert.deepEqual(seen[2], seen[0])
      await ask('eve@mail.example')
      assert.deepEqual(
        (await f.letters()).map(({ letter, to }) => [letter, to]),
        [['address-wanted', 'eve@mail.example']],
      )
    })

    it('is refused when it became somebody else’s meanwhile', async () => {
      const { f, ask, addressOf, door } = await owner(open)
      await ask()
      const token = f.tokenOf(await f.letters(), 'change-address')
      await f.address((await f.user('eve')).id, NEW)
      assert.deepEqual(await door.confirm(token, from()), { ok: false, reason: 'taken' })
      assert.equal((await addressOf())?.text, OLD)
    })

    it('takes the login along where that was the old address, there and back', async () => {
      const { f, ask, door } = await owner(open, OLD)
      await ask()
      await door.confirm(f.tokenOf(await allLetters(f), 'change-address'), from())
      assert.ok((await f.signIn(NEW)).ok)
      assert.equal((await f.signIn(OLD)).ok, false)
      await door.undo(f.tokenOf(await allLetters(f), 'notice'), from())
      assert.ok(await f.accounts.users.byLogin(OLD))
      assert.equal(await f.accounts.users.byLogin(NEW), undefined)
    })

    it('wants an address, another one, and floods nobody (L81)', async () => {
      const { f, ask } = await owner(open)
      assert.deepEqual(await ask('no address'), { ok: false, reason: 'invalid' })
      assert.deepEqual(await ask('a@x.example,b@x.example'), { ok: false, reason: 'invalid' })
      assert.deepEqual(await ask(OLD), { ok: false, reason: 'same' })
      for (let i = 0; i < 5; i++) assert.deepEqual(await ask(), { ok: true })
      assert.equal((await f.letters()).length, 3)
    })
  })
}
