/** What passkeys must hold as a way in, on every database: nothing that was not asked, nothing twice, one winner of many. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { softAuthenticator, type Misbehaviour } from '../../../test/support/authenticator.ts'
import { race } from '../../../test/support/race.ts'
import { CLI, from, type Open } from '../fixture.contract.ts'
import { ORIGIN, OPEN_NETWORK, fixture, withPasskey, door, enter, reasonOf } from './passkeys-fixture.contract.ts'

export function passkeysContract(name: string, open: Open, skip: string | false = false): void {
  describe(`passkeys on ${name}`, { skip }, () => {
    it('let their owner in alone, on level 2, without a name (L01)', async () => {
      const f = await fixture(open)
      const { authenticator, user } = await withPasskey(f)
      const begun = (await door(f).begin(undefined))!
      assert.deepEqual(begun.ceremony.publicKey['allowCredentials'], undefined)
      assert.equal(begun.ceremony.publicKey['userVerification'], 'required')
      const entered = await enter(f, authenticator)
      assert.ok(entered.ok)
      assert.deepEqual([entered.principal.id, entered.principal.aal, entered.principal.amr], [user.id, 2, ['mfa']])
      assert.deepEqual(f.takeEvents(), ['authn_login_success', 'authn_factor_used', 'session_created'])
      const [listed] = await f.accounts.passkeys.list(user.id)
      assert.deepEqual([listed!.name, listed!.purpose, listed!.usedAt], ['Passkey', 'passkey', f.clock.now])
    })

    it('know their user by a random handle, which says nothing of who it is', async () => {
      const f = await fixture(open)
      const { user, session, authenticator } = await withPasskey(f)
      const asked = await f.accounts.passkeys.begin({ token: session.token.reveal(), purpose: 'passkey' })
      const { id } = asked!.publicKey['user'] as { id: string }
      assert.equal(Buffer.from(id, 'base64url').length, 32)
      assert.equal(id, authenticator.kept[0]!.handle, 'the same for all their passkeys')
      assert.ok(![user.id, user.login, Buffer.from(user.id).toString('base64url')].includes(id))
    })

    it('end the session that the browser held before (L24)', async () => {
      const f = await fixture(open)
      const { authenticator } = await withPasskey(f)
      await f.user('eve')
      const held = (await f.session('eve')).token.reveal()
      const { browser, ceremony } = (await door(f).begin(undefined))!
      assert.ok((await door(f).signIn({ browser, response: authenticator.get(ceremony), replaces: held }, from())).ok)
      assert.deepEqual(await f.accounts.sessions.find(held, f.clock.now), { ok: false, reason: 'ended' })
    })

    it('answer to one challenge once: of twenty with the same answer one is in (L19, L25)', async () => {
      const f = await fixture(open, OPEN_NETWORK)
      const { authenticator } = await withPasskey(f)
      const { browser, ceremony } = (await door(f).begin(undefined))!
      const response = authenticator.get(ceremony)
      const answers = await race(20, (i) => door(f).signIn({ browser, response }, from(`net-${i}`)))
      assert.equal(answers.filter(({ ok }) => ok).length, 1)
      assert.equal(reasonOf(await door(f).signIn({ browser, response }, from())), 'denied')
    })

    it('take no challenge that was not asked, is too old, or was asked in another browser (L19)', async () => {
      const f = await fixture(open)
      const { authenticator } = await withPasskey(f)
      const own = Buffer.alloc(32, 7).toString('base64url')
      assert.equal(reasonOf(await enter(f, authenticator, { challenge: own })), 'denied')
      const stolen = (await door(f).begin(undefined))!
      const other = (await door(f).begin(undefined))!
      const answer = authenticator.get(stolen.ceremony)
      assert.equal(reasonOf(await door(f).signIn({ browser: other.browser, response: answer }, from())), 'denied')
      assert.equal(reasonOf(await door(f).signIn({ browser: '', response: answer }, from())), 'denied')
      const late = (await door(f).begin(undefined))!
      f.clock.now += 300_001
      const response = authenticator.get(late.ceremony)
      assert.equal(reasonOf(await door(f).signIn({ browser: late.browser, response }, from())), 'denied')
      const kept = (await door(f).begin(stolen.browser))!
      assert.equal(kept.browser, stolen.browser, 'two pages of one browser')
      assert.equal(reasonOf(await enter(f, authenticator)), 'in')
    })

    it('take a challenge at the ceremony alone for which it was asked (L20)', async () => {
      const f = await fixture(open)
      const { authenticator, session } = await withPasskey(f)
      const token = session.token.reveal()
      const { secondFactor } = f.accounts.doors
      const forSignIn = (await door(f).begin(undefined))!
      const toEnrol = (await f.accounts.passkeys.begin({ token, purpose: 'passkey' }))!
      const toProve = (await secondFactor.challenge({ token }))!
      const other = softAuthenticator({ origin: ORIGIN })
      const asEnrolment = (challenge: unknown) => other.create(toEnrol, { challenge: String(challenge) })
      for (const { publicKey } of [forSignIn.ceremony, toProve]) {
        const response = asEnrolment(publicKey['challenge'])
        assert.deepEqual(await f.accounts.passkeys.confirm({ token, response }, from()), { ok: false, reason: 'refused' })
      }
      const signed = authenticator.get(forSignIn.ceremony, { challenge: String(toEnrol.publicKey['challenge']) })
      assert.equal(reasonOf(await door(f).signIn({ browser: forSignIn.browser, response: signed }, from())), 'denied')
      const again = (await f.accounts.passkeys.begin({ token, purpose: 'passkey' }))!
      const proof = authenticator.get(toProve, { challenge: String(again.publicKey['challenge']) })
      assert.equal(reasonOf(await secondFactor.proveAgain({ token, response: proof }, from())), 'denied')
      const typed = authenticator.get(forSignIn.ceremony, { type: 'webauthn.create' })
      assert.equal(reasonOf(await door(f).signIn({ browser: forSignIn.browser, response: typed }, from())), 'denied')
    })

    it('refuse what comes from another page, for another site, without its owner, or by another key', async () => {
      const f = await fixture(open)
      const { authenticator } = await withPasskey(f)
      const stranger = softAuthenticator({ origin: ORIGIN })
      stranger.create({ publicKey: { challenge: 'x', rp: { id: 'app.example' }, user: { id: 'x' } } })
      const wrong: Misbehaviour[] = [
        { origin: 'https://app.example.evil.test' },
        { origin: 'http://app.example' },
        { rpId: 'evil.test' },
        { userVerified: false },
        { userPresent: false },
        { crossOrigin: true },
        { userHandle: null },
        { userHandle: 'c29tZWJvZHk' },
        { key: stranger.kept[0]!.key },
        { synced: true },
      ]
      for (const one of wrong) assert.equal(reasonOf(await enter(f, authenticator, one)), 'denied', JSON.stringify(one))
      assert.equal(reasonOf(await enter(f, authenticator)), 'in')
    })

    it('refuse what no browser sends, whatever its shape', async () => {
      const f = await fixture(open, OPEN_NETWORK)
      const { authenticator } = await withPasskey(f)
      const { browser, ceremony } = (await door(f).begin(undefined))!
      const good = authenticator.get(ceremony)
      const response = { ...good.response }
      const odd: unknown[] = [
        ...[undefined, null, 1, 'text', [], {}, { ...good, id: '' }, { ...good, rawId: 'other' }, { ...good, type: 'password' }],
        ...[
          { ...good, response: null },
          { ...good, response: { ...response, clientDataJSON: 'bm90IGpzb24' } },
        ],
        ...[
          { ...good, response: { ...response, signature: 'A'.repeat(9000) } },
          { ...good, response: { ...response, userHandle: 7 } },
        ],
        { ...good, id: '\u0000', rawId: '\u0000' },
      ]
      for (const one of odd) {
        assert.equal(reasonOf(await door(f).signIn({ browser, response: one }, from())), 'denied', JSON.stringify(one))
      }
      assert.equal(reasonOf(await door(f).signIn({ browser, response: good }, from())), 'in', 'none of these used it up')
    })

    it('do the same work and say the same for an unknown one, a wrong one, one of a disabled user, and a security key', async () => {
      const f = await fixture(open, OPEN_NETWORK)
      const { authenticator } = await withPasskey(f)
      const gone = await withPasskey(f, { login: 'gone' })
      await f.accounts.users.disable(gone.user.id, CLI)
      const key = await withPasskey(f, { login: 'kim', purpose: 'security-key' })
      const unknown = softAuthenticator({ origin: ORIGIN })
      unknown.create({ publicKey: { challenge: 'x', rp: { id: 'app.example' }, user: { id: 'x' } } })
      const stranger = unknown.kept[0]!.key
      const tries: readonly (readonly [typeof authenticator, Misbehaviour])[] = [
        [unknown, {}],
        [authenticator, { key: stranger }],
        [gone.authenticator, {}],
        [key.authenticator, {}],
      ]
      const seen: string[] = []
      for (const [who, wrong] of tries) {
        f.work.reset()
        f.checks.verified = 0
        f.takeEvents()
        const answer = await enter(f, who, wrong)
        seen.push(JSON.stringify([answer, f.work.counts, f.checks.verified, f.takeEvents()]))
      }
      assert.match(seen[0]!, /^\[\{"ok":false,"reason":"denied"\},\{"query":\d+,.*\},1,\["authn_login_fail"\]\]$/)
      assert.deepEqual(
        seen,
        Array.from(seen, () => seen[0]),
      )
    })
  })
}
