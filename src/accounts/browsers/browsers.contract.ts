/** What a browser that remembers must hold, on every database. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { enrol, STEP } from '../../../test/support/second-factor.ts'
import { sha256 } from '../../crypto/hash.ts'
import { Secret } from '../../crypto/secret.ts'
import { CLI, from, OTHER_PASSWORD, type Open } from '../fixture.contract.ts'
import {
  DAY,
  LIVES,
  GRACE,
  remembered,
  trusted,
  begin,
  opened,
  nextOf,
  lives,
  signInWithCode,
} from './browsers-fixture.contract.ts'

export function browsersContract(name: string, open: Open, skip: string | false = false): void {
  describe(`a browser that remembers on ${name}`, { skip }, () => {
    it('opens a session when the last one ran out, with a proof that is neither strong nor recent', async () => {
      const f = await remembered(open)
      f.clock.now += DAY
      assert.equal(await lives(f, f.first), false)
      const { session, principal } = opened(await f.restore())
      assert.deepEqual([principal.login, principal.amr, principal.aal, principal.provedAt], ['bob', ['rmb'], 1, 0])
      assert.notEqual(session.id, f.first.session.id)
    })

    it('keeps only the hash of its token, and gives the next one at each use', async () => {
      const f = await remembered(open)
      const tables = ['hf_browsers', 'hf_browser_tokens', 'hf_sessions'].map((table) =>
        f.database.kysely.selectFrom(table).selectAll().execute(),
      )
      const stored = JSON.stringify(await Promise.all(tables))
      assert.ok(stored.includes(sha256(f.token)) && !stored.includes(f.token))
      let token = f.token
      for (let day = 0; day < 5; day++) {
        f.clock.now += DAY
        token = nextOf(await f.restore(token))
      }
      assert.equal((await f.accounts.browsers.list(f.bob.id, f.clock.now)).length, 1)
    })

    it('gives twenty tabs at once a session each and one of them the next token, and takes none for a thief (L25, L26)', async () => {
      const f = await remembered(open)
      f.takeEvents()
      const results = await race(20, () => f.restore())
      assert.ok(results.every(({ ok }) => ok))
      assert.equal(results.filter((result) => result.ok && result.remember).length, 1)
      assert.ok(!f.takeEvents().includes('authn_remember_reused'))
      const next = results.flatMap((result) => (result.ok && result.remember ? [result.remember.reveal()] : []))
      f.clock.now += DAY
      assert.ok((await f.restore(next[0])).ok)
    })

    it('takes a token that was replaced for a copy: the browser and all it opened end, and the owner is told (L26)', async () => {
      const f = await remembered(open)
      await f.address(f.bob.id, 'bob@mail.example')
      const elsewhere = await f.session('bob')
      const mine = opened(await f.restore())
      f.clock.now += GRACE
      f.takeEvents()
      assert.deepEqual(await f.restore(), { ok: false, reason: 'denied' })
      const said = f.events.splice(0)
      assert.deepEqual(
        said.map(({ type }) => type),
        ['authn_remember_reused'],
      )
      assert.equal(await lives(f, mine), false)
      assert.equal(await lives(f, f.first), false)
      assert.equal(await lives(f, elsewhere), true)
      assert.equal((await f.restore(mine.remember!.reveal())).ok, false)
      await f.accounts.notices.sweep(f.clock.now)
      const letters = await f.letters()
      assert.deepEqual(
        letters.map(({ letter, to }) => [letter, to]),
        [['notice', 'bob@mail.example']],
      )
    })

    it('says so once, however many use the copy at the same moment', async () => {
      const f = await remembered(open)
      await f.address(f.bob.id, 'bob@mail.example')
      await f.restore()
      f.clock.now += GRACE
      f.takeEvents()
      await race(20, () => f.restore())
      assert.deepEqual(f.takeEvents(), ['authn_remember_reused'])
      await f.accounts.notices.sweep(f.clock.now)
      assert.equal((await f.letters()).length, 1)
    })

    it('spares the direct predecessor alone: the one before is a copy at any moment', async () => {
      const f = await remembered(open)
      await f.restore(nextOf(await f.restore()))
      assert.equal((await f.restore()).ok, false)
      assert.ok(f.takeEvents().includes('authn_remember_reused'))
    })

    it('writes no letter to an address that was not verified (L12)', async () => {
      const f = await remembered(open)
      await f.address(f.bob.id, 'bob@mail.example', false)
      await f.restore()
      f.clock.now += GRACE
      await f.restore()
      assert.deepEqual(await f.letters(), [])
    })

    it('knows what was replaced after a restart, too (L32)', async () => {
      const f = await remembered(open)
      await f.restore()
      f.clock.now += GRACE
      assert.equal((await f.twin().doors.remember.signIn({ token: f.token }, from())).ok, false)
      assert.ok(f.takeEvents().includes('authn_remember_reused'))
    })

    it('refuses what is no token of its own, and takes no session’s, pending’s or device’s for one (L34, L39, L61)', async () => {
      const f = await remembered(open)
      const device = await f.accounts.browsers.begin('trust', f.first.token, from())
      assert.equal(device, undefined)
      const flipped = (f.token[0] === 'A' ? 'B' : 'A') + f.token.slice(1)
      const wrong = [
        '',
        f.token.slice(1),
        `${f.token}A`,
        flipped,
        sha256(f.token),
        f.first.token.reveal(),
        'x'.repeat(100_000),
        '\0',
      ]
      for (const text of wrong) assert.deepEqual(await f.restore(text), { ok: false, reason: 'denied' }, text.slice(0, 50))
      assert.equal((await f.accounts.sessions.find(f.token, f.clock.now)).ok, false)
      assert.ok((await f.restore()).ok)
    })

    it('ends after its time, however often it is used, and at once when it is shortened or turned off (L66)', async () => {
      const f = await remembered(open)
      let token = f.token
      const start = f.clock.now
      f.clock.now = start + LIVES.remember - 1
      assert.equal((await f.twin({ browsers: { remember: DAY } }).doors.remember.signIn({ token }, from())).ok, false)
      assert.equal((await f.twin({ browsers: {} }).doors.remember.signIn({ token }, from())).ok, false)
      token = nextOf(await f.restore(token))
      f.clock.now = start + LIVES.remember
      assert.equal((await f.restore(token)).ok, false)
      assert.equal(await f.accounts.browsers.sweep(f.clock.now), 1)
    })

    const ends: readonly [string, (f: Awaited<ReturnType<typeof remembered>>) => Promise<unknown>][] = [
      ['signing out', (f) => f.accounts.sessions.endByToken(f.first.token.reveal())],
      ['ending its session from elsewhere', (f) => f.accounts.sessions.end(f.bob.id, f.first.session.id, CLI)],
      ['ending all sessions (L109)', (f) => f.accounts.sessions.endAll(f.bob.id, CLI)],
      ['a new password (L110)', (f) => f.accounts.credentials.setPassword(f.bob.id, new Secret(OTHER_PASSWORD), CLI)],
      ['disabling the user (L06)', (f) => f.accounts.users.disable(f.bob.id, CLI)],
      [
        'disabling and enabling the user',
        async (f) => (await f.accounts.users.disable(f.bob.id, CLI), await f.accounts.users.enable(f.bob.id, CLI)),
      ],
      ['deleting the user (L64)', (f) => f.database.kysely.deleteFrom('hf_users').where('id', '=', f.bob.id).execute()],
      ['a first second factor (L08)', (f) => enrol(f.accounts, f.first.token.reveal(), () => f.clock.now)],
    ]
    for (const [what, end] of ends)
      it(`remembers nobody after ${what}`, async () => {
        const f = await remembered(open)
        await end(f)
        assert.equal((await f.restore()).ok, false)
        assert.deepEqual(await f.accounts.browsers.list(f.bob.id, f.clock.now), [])
      })

    it('is void when the password was changed past every fan-out (L110)', async () => {
      const f = await remembered(open)
      await f.database.kysely.updateTable('hf_credentials').set({ version: 7 }).where('user_id', '=', f.bob.id).execute()
      assert.equal((await f.restore()).ok, false)
    })

    it('goes on when its owner ends all other sessions, and ends with the sessions it opened', async () => {
      const f = await remembered(open)
      const other = await f.session('bob')
      const otherToken = await begin(f, other)
      assert.equal(await f.accounts.sessions.endAll(f.bob.id, CLI, { except: f.first.session.id }), 1)
      assert.equal((await f.restore(otherToken)).ok, false)
      const [one, two] = [opened(await f.restore()), opened(await f.restore())]
      await f.accounts.sessions.endByToken(two.token.reveal())
      assert.equal(await lives(f, one), false)
      assert.equal((await f.restore(one.remember!.reveal())).ok, false)
    })

    it('is ended by its public id, by its owner alone, and by its own token', async () => {
      const f = await remembered(open)
      const eve = await f.user('eve')
      const [listed] = await f.accounts.browsers.list(f.bob.id, f.clock.now)
      assert.equal(await f.accounts.browsers.end(eve.id, listed!.id, CLI), false)
      assert.equal(await f.accounts.browsers.end(f.bob.id, '%', CLI), false)
      assert.equal(await f.accounts.browsers.end(f.bob.id, listed!.id, CLI), true)
      assert.equal((await f.restore()).ok, false)
      const token = await begin(f, f.first)
      assert.equal(await f.accounts.browsers.endByToken('trust', token), false)
      assert.equal(await f.accounts.browsers.endByToken('remember', token), true)
      assert.equal((await f.restore(token)).ok, false)
    })

    it('begins in no session that ended, and no user has more than twenty', async () => {
      const f = await remembered(open)
      const other = await f.session('bob')
      await f.accounts.sessions.endByToken(other.token.reveal())
      assert.equal(await f.accounts.browsers.begin('remember', other.token, from()), undefined)
      for (let i = 0; i < 25; i++) await begin(f, await f.session('bob', from(`net-${i}`)))
      assert.equal((await f.accounts.browsers.list(f.bob.id, f.clock.now)).length, 20)
    })

    it('asks who has a second factor for it, with the same answers as after a password (L01)', async () => {
      const f = await trusted(open)
      const token = await begin(f, { ...opened(await signInWithCode(f)) })
      const only = await f.accounts.doors.remember.signIn({ token }, from())
      assert.deepEqual(only, { ok: false, reason: 'second-factor', kinds: ['totp', 'recovery-codes'] })
      const asked = await f.accounts.doors.remember.signIn({ token, ask: true }, from())
      assert.ok(!asked.ok && asked.reason === 'second-factor' && asked.pending)
      f.clock.now += STEP
      const pending = asked.pending.reveal()
      const result = await f.accounts.doors.secondFactor.signIn({ pending, code: f.app.code() }, from())
      assert.ok(result.ok && result.remember)
      assert.deepEqual(result.principal.amr, ['rmb', 'otp'])
    })

    it('is over with what waited for a second factor (L11)', async () => {
      const f = await trusted(open)
      const token = await begin(f, opened(await signInWithCode(f)))
      const asked = await f.accounts.doors.remember.signIn({ token, ask: true }, from())
      assert.ok(!asked.ok && asked.reason === 'second-factor' && asked.pending)
      await f.accounts.browsers.endByToken('remember', token)
      f.clock.now += STEP
      const result = await f.accounts.doors.secondFactor.signIn({ pending: asked.pending.reveal(), code: f.app.code() }, from())
      assert.deepEqual(result, { ok: false, reason: 'denied' })
    })
  })
}
