/** What recovery by link must hold on every database: nothing told, one winner, no session, and nothing left of what was. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { enrol, STEP } from '../../../test/support/second-factor.ts'
import { Secret } from '../../crypto/secret.ts'
import { CLI, fixture, from, fullHasher, OTHER_PASSWORD, PASSWORD, type Fixture, type Open } from '../fixture.contract.ts'

const LIFE = 1_800_000
const ADDRESS = 'Bob@mail.example'

/** A user who can be written to. */
export async function reachable(f: Fixture, login = 'bob', address = ADDRESS) {
  const user = await f.user(login)
  await f.address(user.id, address)
  f.takeEvents()
  return user
}

const ask = (f: Fixture, who: string, origin = from()) => f.accounts.doors.recovery.ask({ who, life: LIFE }, origin)
const set = (f: Fixture, token: string, password = OTHER_PASSWORD) =>
  f.accounts.doors.recovery.set({ token, password: new Secret(password) }, from())

/** Asks, and reads the token out of the letter. */
async function linkFor(f: Fixture, who = 'bob'): Promise<string> {
  assert.deepEqual(await ask(f, who), { ok: true })
  return f.tokenOf(await f.letters(), 'recover')
}

export function recoveryContract(name: string, open: Open, skip: string | false = false): void {
  describe(`recovery by link on ${name}`, { skip }, () => {
    it('writes to the stored address, asked by login or by address in any spelling (L102)', async () => {
      const f = await fixture(open)
      await reachable(f)
      for (const who of ['bob', 'BOB', 'bob@mail.example', ' BOB@MAIL.example ']) {
        await ask(f, who)
        const letters = await f.letters()
        assert.deepEqual(
          letters.map(({ letter, to }) => [letter, to]),
          [['recover', 'Bob@mail.example']],
          who,
        )
        assert.match(letters[0]!.data['link']!, /^https:\/\/app\.example\/link\/recover\?token=[\w-]{43}$/)
        f.clock.now += 3_600_000
      }
    })

    it('answers and works the same for everybody who is typed, and writes to who can be written to alone (L73, L75, L76, L78)', async () => {
      const f = await fixture(open)
      await reachable(f)
      const [disabled, unverified] = [await reachable(f, 'dora', 'dora@mail.example'), await f.user('uma')]
      await f.accounts.users.disable(disabled.id, CLI)
      await f.address(unverified.id, 'uma@mail.example', false)
      await f.user('nora')
      const service = await f.accounts.users.createService({ login: 'robot' }, CLI)
      assert.ok(service.ok)
      await f.address(service.user.id, 'robot@mail.example')
      const typed = ['bob', 'nobody', 'dora', 'uma', 'uma@mail.example', 'nora', 'robot', 'robot@mail.example', 'not a login', '']
      const seen = []
      for (const [index, who] of typed.entries()) {
        f.takeEvents()
        f.work.reset()
        const answer = await ask(f, who, from(`net-${index}`))
        seen.push({ answer, work: { ...f.work.counts }, events: f.takeEvents() })
        const letters = await f.letters()
        assert.equal(letters.length, who === 'bob' ? 1 : 0, who)
      }
      for (const [index, one] of seen.entries()) assert.deepEqual(one, seen[0], typed[index])
      assert.equal(seen[0]!.work.hash, 0)
    })

    it('names nobody in events, and holds no token in clear', async () => {
      const f = await fixture(open)
      await reachable(f, 'bob.the.builder')
      await ask(f, 'bob.the.builder')
      const rows = await f.database.kysely.selectFrom('hf_links').selectAll().execute()
      const token = f.tokenOf(await f.letters(), 'recover')
      const text = JSON.stringify([f.events, rows])
      assert.ok(!/builder/i.test(text) && !text.includes(token))
    })

    it('puts three letters an hour down for one person, and tells nobody that there are no more', async () => {
      const f = await fixture(open)
      await reachable(f)
      let letters = 0
      for (let i = 0; i < 6; i++) {
        assert.deepEqual(await ask(f, i % 2 === 0 ? 'bob' : ADDRESS, from(`net-${i}`)), { ok: true })
        letters += (await f.letters()).length
      }
      assert.equal(letters, 3)
    })

    it('says to a network that asks too much when it may go on, whomever it asks for (L30)', async () => {
      const f = await fixture(open)
      const answers = await race(30, (i) => ask(f, `user${i}`))
      assert.equal(answers.filter(({ ok }) => ok).length, 20)
      assert.ok(answers.every((answer) => answer.ok || answer.retryAfter > 0))
    })

    it('sets the password once, ends all sessions, gives none, and tells the owner (L22, L25)', async () => {
      const f = await fixture(open)
      const user = await reachable(f)
      const before = await f.session('bob')
      const token = await linkFor(f)
      const door = f.accounts.doors.recovery
      assert.deepEqual(await door.read(token), { login: 'bob', shortest: 15 })
      assert.deepEqual(await door.read(token), { login: 'bob', shortest: 15 }, 'looking uses nothing up')
      f.takeEvents()
      const results = await race(20, (i) => set(f, token, `${OTHER_PASSWORD} ${i}`))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      for (const result of results) if (!result.ok) assert.equal(result.reason, 'expired')
      const winner = results.findIndex(({ ok }) => ok)
      assert.equal((await f.accounts.sessions.find(before.token.reveal(), f.clock.now)).ok, false)
      assert.deepEqual(await f.accounts.sessions.list(user.id, f.clock.now), [])
      assert.ok(!(await f.signIn('bob')).ok)
      assert.ok((await f.signIn('bob', { password: `${OTHER_PASSWORD} ${winner}` })).ok)
      await f.accounts.notices.sweep(f.clock.now)
      assert.deepEqual(
        (await f.letters()).map(({ letter, to }) => [letter, to]),
        [['notice', 'Bob@mail.example']],
      )
      assert.ok(f.takeEvents().includes('authn_recovery_used'))
    })

    it('asks for the second factor as ever afterwards, and takes a recovery code from who lost both (L01, L07)', async () => {
      const f = await fixture(open)
      await reachable(f)
      const session = await f.session('bob')
      const { code, recoveryCodes } = await enrol(f.accounts, session.token.reveal(), () => f.clock.now)
      f.clock.now += STEP
      await f.letters()
      assert.ok((await set(f, await linkFor(f))).ok)
      for (const text of [code(), recoveryCodes[0]!]) {
        const first = await f.signIn('bob', { password: OTHER_PASSWORD })
        assert.ok(!first.ok && first.reason === 'second-factor', JSON.stringify(first))
        const second = await f.accounts.doors.secondFactor.signIn({ pending: first.pending!.reveal(), code: text }, from())
        assert.ok(second.ok && second.session.aal === 2)
      }
    })

    it('is nothing at another door, cut, changed or empty (L34, L37, L39)', async () => {
      const f = await fixture(open)
      await reachable(f)
      const token = await linkFor(f)
      const { unlock, lostFactor, newPassword } = f.accounts.doors
      assert.deepEqual(await unlock.unlock({ token }, from()), { ok: false })
      assert.equal(await lostFactor.cancel({ token }, from()), false)
      assert.equal(await lostFactor.remove({ token }, from()), false)
      const other = await newPassword.set({ pending: token, password: new Secret(OTHER_PASSWORD) }, from())
      assert.deepEqual(other, { ok: false, reason: 'expired' })
      for (const text of ['', '0', token.slice(1), token.toUpperCase(), `${token} `])
        assert.deepEqual(await set(f, text), { ok: false, reason: 'expired' })
      assert.ok((await set(f, token)).ok)
    })

    it('dies with its time, the next one, another address, another password, and a user who is shut out (L28, L35, L36)', async () => {
      const ends: Record<string, (f: Fixture, userId: string) => Promise<unknown>> = {
        time: async (f) => void (f.clock.now += LIFE),
        'the next one': (f) => linkFor(f),
        'another address': (f, id) => f.address(id, 'bob@other.example'),
        'an address that is not verified any more': (f, id) => f.address(id, ADDRESS, false),
        'another password': (f, id) => f.accounts.credentials.setPassword(id, new Secret('granite meadow whistle forty'), CLI),
        disabled: (f, id) => f.accounts.users.disable(id, CLI),
        'disabled and enabled again': async (f, id) => {
          await f.accounts.users.disable(id, CLI)
          await f.accounts.users.enable(id, CLI)
        },
      }
      for (const [what, end] of Object.entries(ends)) {
        const f = await fixture(open)
        const { id } = await reachable(f)
        const token = await linkFor(f)
        await end(f, id)
        f.clock.now += 1
        assert.deepEqual(await set(f, token), { ok: false, reason: 'expired' }, what)
        assert.ok(!(await f.signIn('bob', { password: OTHER_PASSWORD })).ok, what)
      }
    })

    it('sets nothing that may not be chosen, and stays good until something is (L105)', async () => {
      const f = await fixture(open)
      await reachable(f)
      const token = await linkFor(f)
      const refused = { '': 'too-short', short: 'too-short', aaaaaaaaaaaaaaaaaaaa: 'common', ['x'.repeat(300)]: 'too-long' }
      for (const [password, reason] of Object.entries(refused))
        assert.deepEqual(await set(f, token, password), { ok: false, reason })
      assert.ok((await f.signIn('bob')).ok, 'the password is what it was')
      assert.ok((await set(f, token)).ok)
    })

    it('says when too much is being hashed, and loses nothing', async () => {
      const f = await fixture(open)
      await reachable(f)
      const token = await linkFor(f)
      const busy = f.twin({ hasher: fullHasher })
      const answer = await busy.doors.recovery.set({ token, password: new Secret(OTHER_PASSWORD) }, from())
      assert.deepEqual(answer, { ok: false, reason: 'busy', retryAfter: 3 })
      assert.ok((await set(f, token)).ok)
    })

    it('lets in who had locked themselves out, and gives nobody else their failures back (L85)', async () => {
      const f = await fixture(open)
      await reachable(f)
      await f.user('eve')
      for (const login of ['bob', 'eve'])
        for (let i = 0; i < 5; i++) await f.signIn(login, { password: 'wrong', from: from(`${login}-${i}`) })
      assert.ok((await set(f, await linkFor(f))).ok)
      assert.ok((await f.signIn('bob', { password: OTHER_PASSWORD })).ok)
      const eve = await f.signIn('eve')
      assert.ok(!eve.ok && eve.reason === 'throttled')
    })

    it('changes no answer where no letter can be written', async () => {
      const f = await fixture(open, { outbox: undefined })
      await reachable(f)
      assert.deepEqual(await ask(f, 'bob'), { ok: true })
      assert.deepEqual(await f.letters(), [])
      assert.ok((await f.signIn('bob', { password: PASSWORD })).ok)
    })
  })
}
