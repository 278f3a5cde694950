/** What passkeys must hold as a second step, and as a proof in a session. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { softAuthenticator } from '../../../test/support/authenticator.ts'
import { race } from '../../../test/support/race.ts'
import { from, type Open } from '../fixture.contract.ts'
import type { BroughtBack } from '../types.ts'
import { ORIGIN, EASY, fixture, withPasskey, enrolPasskey, enter, pendingOf, reasonOf } from './passkeys-fixture.contract.ts'

export function passkeyStepContract(name: string, open: Open, skip: string | false = false): void {
  describe(`passkeys as a second step on ${name}`, { skip }, () => {
    it('are a second step beside the password, which asks for them (L01, L07)', async () => {
      const f = await fixture(open)
      const { authenticator, user } = await withPasskey(f, { purpose: 'security-key' })
      const answer = await f.signIn('bob')
      assert.ok(!answer.ok && answer.reason === 'second-factor')
      assert.deepEqual(answer.kinds, ['passkey', 'recovery-codes'])
      const pending = answer.pending!.reveal()
      const { secondFactor } = f.accounts.doors
      assert.deepEqual(await secondFactor.kinds({ pending }), ['passkey', 'recovery-codes'])
      const ceremony = (await secondFactor.challenge({ pending }))!
      assert.deepEqual(ceremony.publicKey['allowCredentials'], [
        { id: authenticator.kept[0]!.id, transports: ['hybrid', 'internal'], type: 'public-key' },
      ])
      const response = authenticator.get(ceremony, { userVerified: false, userHandle: null })
      const entered = await secondFactor.signIn({ pending, response }, from())
      assert.ok(entered.ok)
      assert.deepEqual([entered.principal.id, entered.principal.aal, entered.principal.amr], [user.id, 2, ['pwd', 'hwk']])
    })

    it('are no way in alone when they were enrolled as a security key', async () => {
      const f = await fixture(open)
      const { authenticator } = await withPasskey(f, { purpose: 'security-key' })
      assert.equal(reasonOf(await enter(f, authenticator)), 'denied')
    })

    it('make one session of one sign-in that waits, whoever answers how often (L14, L25)', async () => {
      const f = await fixture(open, EASY)
      const { authenticator } = await withPasskey(f)
      const pending = await pendingOf(f)
      const { secondFactor } = f.accounts.doors
      const answers: BroughtBack[] = []
      for (let i = 0; i < 20; i++) {
        answers.push(authenticator.get((await secondFactor.challenge({ pending }))!))
      }
      const results = await race(20, (i) => secondFactor.signIn({ pending, response: answers[i] }, from(`net-${i}`)))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
    })

    it("prove again who is signed in, by this user's own alone (L09)", async () => {
      const f = await fixture(open)
      const bob = await withPasskey(f)
      const eve = await withPasskey(f, { login: 'eve' })
      const token = bob.session.token.reveal()
      const { secondFactor } = f.accounts.doors
      const foreign = eve.authenticator.get((await secondFactor.challenge({ token }))!)
      assert.equal(reasonOf(await secondFactor.proveAgain({ token, response: foreign }, from())), 'denied')
      const hers = await secondFactor.challenge({ token: eve.session.token.reveal() })
      const borrowed = eve.authenticator.get(hers!)
      assert.equal(reasonOf(await secondFactor.proveAgain({ token, response: borrowed }, from())), 'denied')
      f.clock.now += 60_000
      const ceremony = (await secondFactor.challenge({ token }))!
      const proved = await secondFactor.proveAgain({ token, response: bob.authenticator.get(ceremony) }, from())
      assert.ok(proved.ok)
      assert.deepEqual([proved.session.id, proved.principal.provedAt], [bob.session.session.id, f.clock.now])
    })

    it('count their failures together with those of codes (L04)', async () => {
      const f = await fixture(open)
      const { authenticator } = await withPasskey(f)
      const pending = await pendingOf(f)
      const { secondFactor } = f.accounts.doors
      const stranger = softAuthenticator({ origin: ORIGIN })
      stranger.create({ publicKey: { challenge: 'x', rp: { id: 'app.example' }, user: { id: 'x' } } })
      const said: (string | undefined)[] = []
      for (let i = 0; i < 6; i++) {
        const wrong = stranger.get((await secondFactor.challenge({ pending }))!)
        const given = i % 2 === 0 ? { code: '000000' } : { response: wrong }
        said.push(reasonOf(await secondFactor.signIn({ pending, ...given }, from(`net-${i}`))))
      }
      assert.deepEqual(said, ['denied', 'denied', 'denied', 'denied', 'denied', 'throttled'])
      const right = authenticator.get((await secondFactor.challenge({ pending }))!)
      assert.equal(reasonOf(await secondFactor.signIn({ pending, response: right }, from('net-x'))), 'throttled')
    })

    it('end the sessions of one factor when the first is enrolled, and raise this one (L08)', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const other = await f.session('bob', from('198.51.100.1'))
      const own = await f.session('bob')
      const made = await enrolPasskey(f, own, softAuthenticator({ origin: ORIGIN }))
      assert.ok(made.ok)
      assert.deepEqual([made.session.id, made.principal.aal, made.recoveryCodes?.length], [own.session.id, 2, 10])
      assert.deepEqual(await f.accounts.sessions.find(other.token.reveal(), f.clock.now), { ok: false, reason: 'ended' })
      assert.deepEqual(await f.accounts.sessions.find(own.token.reveal(), f.clock.now), { ok: false, reason: 'rotated' })
      assert.deepEqual(f.takeEvents().slice(-6), [
        ...['authn_factor_enrolled', 'authn_recovery_codes_made', 'session_ended'],
        ...['authn_login_success', 'authn_factor_used', 'session_renewed'],
      ])
      const second = await enrolPasskey(f, made, softAuthenticator({ origin: ORIGIN }))
      assert.ok(second.ok)
      assert.equal(second.recoveryCodes, undefined, 'they are given once')
    })
  })
}
