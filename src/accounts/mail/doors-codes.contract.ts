/** What a code in a letter must hold, on every database. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { from, type Open } from '../fixture.contract.ts'
import { enrol } from '../../../test/support/second-factor.ts'
import { withAda } from './doors-fixture.contract.ts'

export function mailCodesContract(name: string, open: Open, skip: string | false = false): void {
  const start = withAda(open)

  describe(`the code in a letter on ${name}`, { skip }, () => {
    const others = (code: string, count: number) =>
      Array.from({ length: count }, (_, n) => String((Number(code) + 1 + n) % 100_000_000).padStart(8, '0'))

    it('signs in, typed as people type it, and is over then', async () => {
      const f = await start()
      const { browser, code } = await f.askCode()
      assert.match(code, /^\d{8}$/)
      const signedIn = await f.accounts.doors.emailCode.signIn({ browser, code: ` ${code.slice(0, 4)} ${code.slice(4)}` }, from())
      assert.ok(signedIn.ok, JSON.stringify(signedIn))
      assert.deepEqual(signedIn.principal.amr, ['email'])
      assert.deepEqual(await f.accounts.doors.emailCode.signIn({ browser, code }, from()), { ok: false, reason: 'denied' })
    })

    it('lets one of 20 with the right code in (L25)', async () => {
      const f = await start()
      const asked = await f.askCode()
      const results = await race(20, (n) => f.accounts.doors.emailCode.signIn(asked, from(`198.51.100.${n}`)))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
    })

    it('is void after exactly five tries, also of a hundred at once (L27)', async () => {
      const f = await start()
      const { browser, code } = await f.askCode()
      const looked = await race(100, (n) =>
        f.accounts.doors.emailCode.signIn({ browser, code: others(code, 100)[n]! }, from(`198.51.100.${n}`)),
      )
      assert.ok(looked.every((one) => !one.ok && one.reason === 'denied'))
      const row = await f.database.kysely
        .selectFrom('hf_mail_codes' as 'hf_links')
        .selectAll()
        .executeTakeFirstOrThrow()
      assert.equal((row as unknown as { tries: number }).tries, 5)
      assert.deepEqual(await f.accounts.doors.emailCode.signIn({ browser, code }, from('203.0.113.1')), {
        ok: false,
        reason: 'denied',
      })
      const again = await f.askCode()
      for (const wrong of others(again.code, 4))
        assert.equal(
          (await f.accounts.doors.emailCode.signIn({ browser: again.browser, code: wrong }, from('203.0.113.2'))).ok,
          false,
        )
      assert.ok((await f.accounts.doors.emailCode.signIn(again, from('203.0.113.2'))).ok)
    })

    it('is good in the browser that asked, and the next one replaces it', async () => {
      const f = await start()
      const [first, second] = [await f.askCode(), await f.askCode()]
      const stranger = await f.askCode('nobody')
      const tries = [
        { browser: second.browser, code: first.code },
        { browser: first.browser, code: first.code },
        { browser: first.browser, code: second.code },
        { browser: stranger.browser, code: second.code },
        { browser: '', code: second.code },
      ]
      for (const one of tries) assert.equal((await f.accounts.doors.emailCode.signIn(one, from())).ok, false)
      assert.ok((await f.accounts.doors.emailCode.signIn(second, from())).ok)
    })

    it('is nothing after ten minutes, nor when it is no code (L35, L37)', async () => {
      const f = await start()
      const { browser, code } = await f.askCode()
      for (const odd of ['', '0', 'x'.repeat(100), code.slice(1)])
        assert.equal((await f.accounts.doors.emailCode.signIn({ browser, code: odd }, from())).ok, false)
      f.clock.now += 600_000
      assert.equal((await f.accounts.doors.emailCode.signIn({ browser, code }, from())).ok, false)
      assert.ok((await f.accounts.links.sweep(f.clock.now)) >= 1)
    })

    it('says the same of a wrong code, whether anybody was written to (L79)', async () => {
      const f = await start()
      const [known, nobody] = [await f.askCode(), await f.askCode('nobody')]
      const wrong = others(known.code, 1)[0]!
      const works = []
      for (const { browser } of [known, nobody]) {
        f.work.reset()
        assert.deepEqual(await f.accounts.doors.emailCode.signIn({ browser, code: wrong }, from()), {
          ok: false,
          reason: 'denied',
        })
        works.push({ ...f.work.counts })
      }
      assert.deepEqual(works[0], works[1])
    })

    it('asks for the second factor of who has one (L01)', async () => {
      const f = await start()
      const bob = await f.user('bob')
      await f.address(bob.id, 'bob@example.org')
      await enrol(f.accounts, (await f.session('bob')).token.reveal(), () => f.clock.now)
      const answer = await f.accounts.doors.emailCode.signIn(await f.askCode('bob'), from())
      assert.ok(!answer.ok && answer.reason === 'second-factor')
    })
  })
}
