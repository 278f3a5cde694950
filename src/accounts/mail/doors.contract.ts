/** What a link in a letter must hold, on every database. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { Secret } from '../../crypto/secret.ts'
import { CLI, from, OTHER_PASSWORD, type Open } from '../fixture.contract.ts'
import { enrol } from '../../../test/support/second-factor.ts'
import { ADA, LIFE, HOUR, verified, withAda } from './doors-fixture.contract.ts'

export function mailDoorsContract(name: string, open: Open, skip: string | false = false): void {
  const start = withAda(open)

  describe(`the link in a letter on ${name}`, { skip }, () => {
    it('signs in the owner of the address, who asked by name or by address', async () => {
      const f = await start()
      for (const typed of ['ada', ' ADA@example.ORG ']) {
        const { browser, token, letters } = await f.askLink(typed)
        assert.deepEqual(
          letters.map(({ letter, to }) => [letter, to]),
          [['magic-link', 'Ada@example.org']],
        )
        assert.deepEqual(await f.accounts.doors.magicLink.look(token, browser), { state: 'ready', next: '/notes' })
        const signedIn = await f.accounts.doors.magicLink.signIn({ token, browser }, from())
        assert.ok(signedIn.ok, JSON.stringify(signedIn))
        assert.deepEqual([signedIn.session.aal, signedIn.principal.amr, signedIn.principal.login], [1, ['email'], 'ada'])
      }
      const events = f.events.map(({ type }) => type)
      assert.deepEqual(events.slice(0, 3), ['authn_link_sent', 'authn_login_success', 'session_created'])
      assert.ok(!JSON.stringify(f.events).toLowerCase().includes('example.org'))
    })

    it('costs and answers the same, whoever is asked for, and one of them is written to (L73, L76)', async () => {
      const f = await start()
      await f.person('none')
      await f.person('unverified', { address: 'unverified@example.org' })
      await f.person('gone', { ...verified('gone@example.org'), disabled: true })
      await f.accounts.users.createService({ login: 'robot' }, CLI)
      const factor = await f.user('factor')
      await f.address(factor.id, 'factor@example.org')
      await enrol(f.accounts, (await f.session('factor')).token.reveal(), () => f.clock.now)
      const known: unknown[] = []
      for (const door of ['magicLink', 'emailCode'] as const) {
        const seen = new Map<string, unknown>()
        for (const typed of [
          ...['ada', 'Ada@example.org', 'factor', 'nobody', 'nobody@example.org', 'none', 'unverified', 'unverified@example.org'],
          ...['gone', 'gone@example.org', 'robot', '', '\0', 'x'.repeat(300), 'a@b@c'],
        ]) {
          f.work.reset()
          const asked = await f.accounts.doors[door].ask({ name: typed, life: LIFE, next: '/' }, from(`net ${typed}`))
          const work = { ...f.work.counts }
          const shape = asked.ok ? [Object.keys(asked), asked.browser.reveal().length] : asked
          seen.set(typed, { work, shape })
          const letters = await f.letters()
          const wanted = typed === 'ada' || typed === 'Ada@example.org' || typed === 'factor' ? 1 : 0
          assert.equal(letters.length, wanted, `${door} ${typed}`)
        }
        for (const [typed, one] of seen) assert.deepEqual(one, seen.get('ada'), `${door}: ${typed}`)
        known.push(seen.get('ada'))
        f.clock.now += HOUR
      }
      assert.equal(known.length, 2)
    })

    it('opens once: one of 20 at the same moment comes in (L25)', async () => {
      const f = await start()
      const { browser, token } = await f.askLink()
      const results = await race(20, (n) => f.accounts.doors.magicLink.signIn({ token, browser }, from(`198.51.100.${n}`)))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      assert.ok(results.every((result) => result.ok || result.reason === 'denied'))
      assert.deepEqual(await f.accounts.doors.magicLink.look(token, browser), { state: 'void' })
      assert.equal((await f.accounts.sessions.list(f.ada, f.clock.now)).length, 1)
    })

    it('asks for the second factor, once, of who has one, and gives no session before (L01, L14)', async () => {
      const f = await start()
      const bob = await f.user('bob')
      await f.address(bob.id, 'bob@example.org')
      await enrol(f.accounts, (await f.session('bob')).token.reveal(), () => f.clock.now)
      const before = (await f.accounts.sessions.list(bob.id, f.clock.now)).length
      const { browser, token } = await f.askLink('bob')
      const results = await race(20, (n) => f.accounts.doors.magicLink.signIn({ token, browser }, from(`198.51.100.${n}`)))
      const asked = results.flatMap((result) => (!result.ok && result.reason === 'second-factor' ? [result] : []))
      assert.equal(asked.length, 1)
      assert.deepEqual(asked[0]?.kinds, ['totp', 'recovery-codes'])
      assert.equal((await f.accounts.sessions.list(bob.id, f.clock.now)).length, before)
    })

    it('opens in the browser that asked alone, and stays good for it when another one tries', async () => {
      const f = await start()
      const { browser, token } = await f.askLink()
      const other = await f.askLink('nobody')
      for (const foreign of [undefined, '', 'x', other.browser, browser.slice(1)]) {
        assert.deepEqual(await f.accounts.doors.magicLink.look(token, foreign), { state: 'elsewhere' })
        const refused = await f.accounts.doors.magicLink.signIn({ token, browser: foreign }, from())
        assert.deepEqual(refused, { ok: false, reason: 'elsewhere' })
      }
      assert.ok((await f.accounts.doors.magicLink.signIn({ token, browser }, from())).ok)
    })

    it('is nothing cut, changed, empty, for another purpose, or after its time (L34, L35, L37, L39)', async () => {
      const f = await start()
      const { browser, token } = await f.askLink()
      const { recover } = { recover: token }
      for (const wrong of ['', '0', token.slice(1), `${token} `, token.toUpperCase(), recover.slice(0, -1)]) {
        assert.deepEqual(await f.accounts.doors.magicLink.look(wrong, browser), { state: 'void' })
        const refused = await f.accounts.doors.magicLink.signIn({ token: wrong, browser }, from())
        assert.deepEqual(refused, { ok: false, reason: 'denied' })
      }
      await f.database.kysely.updateTable('hf_links').set({ purpose: 'verify-address' }).execute()
      assert.deepEqual(await f.accounts.doors.magicLink.signIn({ token, browser }, from()), { ok: false, reason: 'denied' })
      await f.database.kysely.updateTable('hf_links').set({ purpose: 'magic-link' }).execute()
      f.clock.now += LIFE
      assert.deepEqual(await f.accounts.doors.magicLink.signIn({ token, browser }, from()), { ok: false, reason: 'denied' })
    })

    it('dies with what it was sent for: the address, the account, the password (L36)', async () => {
      const f = await start()
      const changes = [
        () => f.accounts.users.setAddress(f.ada, 'other@example.org', CLI, { verified: true }),
        () => f.accounts.credentials.setPassword(f.ada, new Secret(OTHER_PASSWORD), CLI),
        () => f.accounts.users.disable(f.ada, CLI),
      ]
      for (const change of changes) {
        const link = await f.askLink('ada')
        const code = await f.askCode('ada')
        await change()
        assert.deepEqual(await f.accounts.doors.magicLink.signIn(link, from()), { ok: false, reason: 'denied' })
        assert.deepEqual(await f.accounts.doors.emailCode.signIn(code, from()), { ok: false, reason: 'denied' })
        f.clock.now += HOUR
      }
    })

    it('proves nothing any more when the address changes before the second step', async () => {
      const f = await start()
      const bob = await f.user('bob')
      await f.address(bob.id, 'bob@example.org')
      const app = await enrol(f.accounts, (await f.session('bob')).token.reveal(), () => f.clock.now)
      const link = await f.askLink('bob')
      const waiting = await f.accounts.doors.magicLink.signIn(link, from())
      assert.ok(!waiting.ok && waiting.reason === 'second-factor')
      await f.accounts.users.setAddress(bob.id, 'new@example.org', CLI, { verified: true })
      f.clock.now += 30_000
      const answer = await f.accounts.doors.secondFactor.signIn({ pending: waiting.pending!.reveal(), code: app.code() }, from())
      assert.deepEqual(answer, { ok: false, reason: 'denied' })
    })

    it('goes to the owner of an address, not to who took it for a login (L41, L102)', async () => {
      const f = await start()
      const squatter = await f.person(ADA, verified('squatter@example.org'))
      const { letters, ...link } = await f.askLink(ADA)
      assert.deepEqual(
        letters.map(({ to }) => to),
        ['Ada@example.org'],
      )
      const signedIn = await f.accounts.doors.magicLink.signIn(link, from())
      assert.ok(signedIn.ok && signedIn.principal.id === f.ada && signedIn.principal.id !== squatter)
    })

    it('ends the session that the browser held before (L61)', async () => {
      const f = await start()
      await f.user('eve')
      const planted = await f.session('eve')
      const link = await f.askLink()
      assert.ok((await f.accounts.doors.magicLink.signIn({ ...link, replaces: planted.token.reveal() }, from())).ok)
      assert.equal((await f.accounts.sessions.find(planted.token.reveal(), f.clock.now)).ok, false)
    })

    it('lies nowhere in clear, and its letter alone is what has it', async () => {
      const f = await start()
      const [link, code] = [await f.askLink(), await f.askCode()]
      const tables = ['hf_links', 'hf_mail_codes', 'hf_value', 'hf_users'] as const
      const rows = await Promise.all(
        tables.map((table) =>
          f.database.kysely
            .selectFrom(table as 'hf_links')
            .selectAll()
            .execute(),
        ),
      )
      const everything = JSON.stringify([rows, f.events])
      for (const secret of [link.token, link.browser, code.code, code.browser]) {
        assert.ok(secret.length >= 8 && !everything.includes(secret))
      }
    })
  })

  describe(`letters that let in, on ${name}`, { skip }, () => {
    it('come so often and no oftener, however the mailbox is named, and the asker sees nothing of it (L84)', async () => {
      const f = await start()
      const names = ['ada', 'ADA', 'Ada@example.org', ADA, 'aDa']
      const sent = []
      for (let n = 0; n < 20; n++) {
        const one = n % 2 ? await f.askLink(names[n % 5], `net${n}`) : await f.askCode(names[n % 5], `net${n}`)
        sent.push(...one.letters)
      }
      assert.equal(sent.length, 3)
      assert.equal(f.events.filter(({ type }) => type === 'authn_letter_held').length, 17)
    })

    it('do not end the code that was sent before, when they are held', async () => {
      const f = await start()
      await f.askCode()
      await f.askCode()
      const last = await f.askCode()
      assert.equal((await f.askCode()).letters.length, 0)
      assert.ok((await f.accounts.doors.emailCode.signIn(last, from())).ok)
    })

    it('are asked for so often from one network, and then it is told so', async () => {
      const f = await start()
      const asked = await race(60, (n) => f.accounts.doors.emailCode.ask({ name: `user${n}` }, from()))
      const refused = asked.flatMap((one) => (one.ok ? [] : [one]))
      assert.equal(refused.length, 30)
      assert.ok(refused.every(({ reason, retryAfter }) => reason === 'throttled' && retryAfter >= 1))
    })
  })
}
