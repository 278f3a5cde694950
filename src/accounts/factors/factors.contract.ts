/** What a second factor must hold at sign-in, on every database. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Secret } from '../../crypto/secret.ts'
import { fixture, from, PASSWORD, type Open } from '../fixture.contract.ts'
import { codeOf } from './totp.ts'
import { Secret as Otp } from 'otpauth'
import { STEP, SHOWN, enrolled, pending, enter, reasonOf } from './factors-fixture.contract.ts'

export function factorsContract(name: string, open: Open, skip: string | false = false): void {
  describe(`second factors on ${name}`, { skip }, () => {
    it('count from the first code on, and not before', async () => {
      const f = await fixture(open)
      const user = await f.user('bob')
      const first = await f.session('bob')
      const draft = await f.accounts.factors.begin(first.session, SHOWN)
      assert.equal((await f.accounts.factors.begin(first.session, SHOWN)).secret.reveal(), draft.secret.reveal())
      assert.match(
        draft.uri.reveal(),
        /^otpauth:\/\/totp\/App:bob\?issuer=App&secret=[A-Z2-7]{32}&algorithm=SHA1&digits=6&period=30$/,
      )
      const wrong = await f.accounts.factors.confirm({ token: first.token.reveal(), code: '000000' }, from())
      assert.deepEqual(wrong, { ok: false, reason: 'code' })
      assert.deepEqual((await f.accounts.factors.of(user.id)).kinds, [])
      assert.ok((await f.signIn('bob')).ok)
    })

    it('have a secret of 160 bits that is never stored in the clear (L16, L17)', async () => {
      const f = await fixture(open)
      const { secret, user } = await enrolled(f)
      await pending(f)
      assert.equal(secret.length, 20)
      const db = f.database.kysely as never as {
        selectFrom: (t: string) => { selectAll: () => { execute: () => Promise<object[]> } }
      }
      for (const table of ['hf_factors', 'hf_recovery_codes', 'hf_values']) {
        const stored = await db
          .selectFrom(table)
          .selectAll()
          .execute()
          .catch(() => [])
        const text = JSON.stringify(stored)
        for (const form of ['hex', 'base64', 'base64url'] as const) assert.ok(!text.includes(secret.toString(form)), table)
        assert.ok(!text.includes(PASSWORD), table)
      }
      assert.equal((await f.accounts.factors.of(user.id)).recoveryCodesLeft, 10)
    })

    it('are asked for at sign-in, and give a session of level 2 (L01)', async () => {
      const f = await fixture(open)
      const { code, user } = await enrolled(f)
      const answer = await f.signIn('bob')
      assert.ok(!answer.ok && answer.reason === 'second-factor')
      assert.deepEqual(answer.kinds, ['totp', 'recovery-codes'])
      assert.deepEqual(f.takeEvents(), ['authn_second_factor_asked'])
      const result = await enter(f, answer.pending!.reveal(), code())
      assert.ok(result.ok)
      assert.deepEqual([result.principal.aal, result.principal.amr, result.principal.id], [2, ['pwd', 'otp'], user.id])
      assert.deepEqual(f.takeEvents(), ['authn_login_success', 'authn_factor_used', 'session_created'])
    })

    it('give nothing that is a session before the second step (L03)', async () => {
      const f = await fixture(open)
      await enrolled(f)
      const waiting = await pending(f)
      assert.deepEqual(await f.accounts.sessions.find(waiting, f.clock.now), { ok: false, reason: 'unknown' })
      assert.equal(await f.accounts.sessions.rotate(waiting, f.clock.now), undefined)
      const again = await f.accounts.doors.password.proveAgain({ token: waiting, password: new Secret(PASSWORD) }, from())
      assert.equal(reasonOf(again), 'denied')
      assert.equal(reasonOf(await f.accounts.doors.secondFactor.proveAgain({ token: waiting, code: '123456' }, from())), 'denied')
      assert.deepEqual(await f.accounts.factors.confirm({ token: waiting, code: '123456' }, from()), {
        ok: false,
        reason: 'denied',
      })
    })

    it('end the session that the browser held before, when the second step begins (L24)', async () => {
      const f = await fixture(open)
      await enrolled(f)
      await f.user('eve')
      const held = await f.session('eve')
      await f.signIn('bob', { replaces: held.token.reveal() })
      assert.deepEqual(await f.accounts.sessions.find(held.token.reveal(), f.clock.now), { ok: false, reason: 'ended' })
    })

    it('end the sessions of one factor when the first is enrolled, and raise this one (L08)', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const other = await f.session('bob', from('198.51.100.1'))
      const own = await f.session('bob')
      const draft = await f.accounts.factors.begin(own.session, SHOWN)
      const secret = Buffer.from(Otp.fromBase32(draft.secret.reveal()).bytes)
      const code = codeOf(secret, Math.floor(f.clock.now / STEP))
      const made = await f.accounts.factors.confirm({ token: own.token.reveal(), code }, from())
      assert.ok(made.ok)
      assert.equal(made.session.id, own.session.id)
      assert.equal(made.principal.aal, 2)
      assert.deepEqual(await f.accounts.sessions.find(other.token.reveal(), f.clock.now), { ok: false, reason: 'ended' })
      assert.deepEqual(await f.accounts.sessions.find(own.token.reveal(), f.clock.now), { ok: false, reason: 'rotated' })
      assert.ok((await f.accounts.sessions.find(made.token.reveal(), f.clock.now)).ok)
    })
  })
}
