/** The sealed account on every database: opened once, for an hour, by what was in the envelope and nothing else. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { Secret } from '../../crypto/secret.ts'
import { CLI, fixture, from, OTHER_PASSWORD, type Open } from '../fixture.contract.ts'

const HOUR = 3_600_000
const YEAR = 365 * 24 * HOUR

async function world(open: Open, setting: Parameters<typeof fixture>[1] = {}) {
  const f = await fixture(open, setting)
  const { breakGlass, doors } = f.accounts
  async function seal(parts: 1 | 2 = 1) {
    const made = await breakGlass.create({ parts }, CLI)
    assert.ok(made.ok)
    return { ...made, texts: made.parts.map((part) => part.reveal()) }
  }
  const enter = (...parts: string[]) => doors.breakGlass.open({ parts }, from())
  return { ...f, breakGlass, seal, enter }
}

export function breakGlassContract(name: string, open: Open, skip: string | false = false): void {
  describe(`the sealed account on ${name}`, { skip }, () => {
    it('opens once, of many at the same moment, for an hour that nothing extends, with all rights', async () => {
      const { seal, enter, accounts, clock, events } = await world(open)
      const { texts, seal: made } = await seal()
      const results = await race(20, () => enter(texts[0]!.toLowerCase().replaceAll('-', ' ')))
      const won = results.filter(({ ok }) => ok)
      assert.equal(won.length, 1)
      assert.ok(won[0]?.ok)
      const { session, principal, token } = won[0]
      assert.deepEqual(
        [principal.login, [...principal.permissions], principal.amr, principal.aal],
        ['break-glass', ['*'], ['bgl'], 2],
      )
      assert.equal(session.expiresAt, clock.now + HOUR)
      assert.equal(events.filter(({ type }) => type === 'authn_break_glass_opened').length, 1)
      clock.now += HOUR / 2 - 1
      const renewed = await accounts.sessions.rotate(token.reveal(), clock.now)
      assert.equal(renewed?.session.expiresAt, session.expiresAt)
      clock.now += HOUR / 2 + 1
      assert.deepEqual(await accounts.sessions.find(renewed!.token.reveal(), clock.now), { ok: false, reason: 'expired' })
      assert.equal((await enter(texts[0]!)).ok, false)
      assert.equal((await accounts.breakGlass.list()).find(({ id }) => id === made.id)?.usedAt !== undefined, true)
    })

    it('takes both parts of two, in whatever order, and neither alone', async () => {
      const { seal, enter } = await world(open)
      const [one, two] = (await seal(2)).texts as [string, string]
      const [other] = (await seal(2)).texts as [string]
      for (const parts of [[one], [two], [one, ''], ['', two], [one, one], [one, other], [one, 'x'], ['', ''], []])
        assert.deepEqual(await enter(...parts), { ok: false, reason: 'denied' }, parts.join())
      assert.equal((await enter(two, one)).ok, true)
    })

    it('tells everybody who administers, by letter', async () => {
      const { seal, enter, user, address, letters } = await world(open)
      for (const [login, role] of [
        ['ada', 'admin'],
        ['amy', 'admin'],
        ['bob', 'member'],
      ] as const)
        await address((await user(login, [role])).id, `${login}@app.example`)
      const { texts } = await seal()
      await enter(texts[0]!)
      assert.deepEqual((await letters()).map(({ letter, to }) => [letter, to]).toSorted(), [
        ['break-glass-opened', 'ada@app.example'],
        ['break-glass-opened', 'amy@app.example'],
      ])
    })

    it('has no other way in, gets none, is remembered nowhere, and is nobody’s second person', async () => {
      const { seal, enter, accounts, user, twin, signIn } = await world(open, {
        approval: { acts: ['payout'], life: HOUR, use: HOUR },
      })
      const ada = await user('ada', ['member'])
      const asked = await accounts.approvals.ask({ kind: 'user', id: ada.id }, 'payout', {}, 'x')
      const opened = await enter((await seal()).texts[0]!)
      assert.ok(opened.ok && asked.ok)
      const { id } = opened.principal
      assert.deepEqual(await accounts.credentials.setPassword(id, new Secret(OTHER_PASSWORD), CLI), {
        ok: false,
        reason: 'service-account',
      })
      assert.deepEqual(await accounts.users.setAddress(id, 'a@app.example', CLI), { ok: false, reason: 'service-account' })
      const key = await accounts.apiKeys.create({ userId: id, name: 'x', scopes: [] }, CLI)
      assert.deepEqual(key, { ok: false, reason: 'sealed-account' })
      const remembering = twin({ browsers: { remember: 30 * HOUR, trust: 30 * HOUR } })
      for (const kind of ['remember', 'trust'] as const)
        assert.equal(await remembering.browsers.begin(kind, opened.token, from()), undefined)
      const app = await accounts.tokens.begin(
        { session: opened.token.reveal(), client: 'x', scopes: undefined, audience: undefined },
        from(),
      )
      assert.equal(app.ok, false)
      const said = await accounts.approvals.approve(asked.approval.id, { session: opened.token.reveal() })
      assert.deepEqual(said, { ok: false, reason: 'not-permitted' })
      assert.equal((await signIn('break-glass')).ok, false)
    })

    it('is proved by a drill that opens nothing, and says what is wrong with it', async () => {
      const { seal, breakGlass, enter, clock, takeEvents } = await world(open)
      const ids = async (wanted = true) => (await breakGlass.findings(wanted)).map(({ id }) => id)
      assert.deepEqual([await ids(), await ids(false)], [['HF-BREAK-GLASS-1'], []])
      const { texts } = await seal()
      assert.deepEqual(await ids(), ['HF-BREAK-GLASS-2'])
      takeEvents()
      assert.deepEqual([await breakGlass.test(['AAAA'], CLI), await breakGlass.test(texts, CLI)], [false, true])
      assert.deepEqual(takeEvents(), ['authn_break_glass_tested', 'authn_break_glass_tested'])
      assert.deepEqual(await ids(), [])
      clock.now += YEAR + 1
      assert.deepEqual(await ids(), ['HF-BREAK-GLASS-3'])
      assert.equal((await enter(texts[0]!)).ok, true)
      assert.deepEqual([await ids(), await breakGlass.test(texts, CLI)], [['HF-BREAK-GLASS-1'], false])
    })

    it('is shut with its user, ended unused, sealed anew, and takes over nobody’s name', async () => {
      const { seal, breakGlass, enter, accounts } = await world(open)
      const [one, two] = [await seal(), await seal()]
      assert.equal(await breakGlass.revoke(one.seal.id, CLI), true)
      assert.equal((await enter(one.texts[0]!)).ok, false)
      const account = await accounts.users.byLogin('break-glass')
      await accounts.users.disable(account!.id, CLI)
      assert.equal((await enter(two.texts[0]!)).ok, false)
      await accounts.users.enable(account!.id, CLI)
      assert.equal((await enter((await seal()).texts[0]!)).ok, true)
      const other = await world(open)
      await other.user('break-glass')
      assert.deepEqual(await other.breakGlass.create({ parts: 1 }, CLI), { ok: false, reason: 'login-taken' })
    })

    it('waits for a second person where it is marked so, who may say it at the terminal', async () => {
      const marked = { acts: ['break-glass:unseal'], life: HOUR, use: HOUR }
      const { seal, enter, accounts, user, takeEvents } = await world(open, { approval: marked })
      const { approvals } = accounts
      const ada = await user('ada', ['admin'])
      const { texts } = await seal()
      assert.deepEqual(await enter('AAAA'), { ok: false, reason: 'denied' })
      const waiting = await enter(texts[0]!)
      assert.ok(!waiting.ok && waiting.reason === 'approval')
      assert.deepEqual((await enter(texts[0]!)).ok, false)
      const [question, ...more] = await approvals.list({ open: true })
      assert.deepEqual([question?.act, more], ['break-glass:unseal', []])
      assert.ok((await approvals.approve(question!.id, { operator: ada.id })).ok)
      takeEvents()
      const results = await race(20, () => enter(texts[0]!))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      assert.ok(takeEvents().includes('authz_approval_used'))
    })

    it('makes guesses wait, by network', async () => {
      const { enter } = await world(open)
      const reasons = new Set<string>()
      for (let turn = 0; turn < 25; turn += 1) {
        const result = await enter(`GUESS-${turn}`)
        if (!result.ok) reasons.add(result.reason)
      }
      assert.deepEqual([...reasons], ['denied', 'throttled'])
    })
  })
}
