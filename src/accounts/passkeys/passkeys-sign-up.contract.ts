/** Accounts that are made with a passkey, without a password. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { softAuthenticator } from '../../../test/support/authenticator.ts'
import { race } from '../../../test/support/race.ts'
import { from, PASSWORD, type Open } from '../fixture.contract.ts'
import { Secret } from '../../crypto/secret.ts'
import type { BroughtBack } from '../types.ts'
import {
  ORIGIN,
  SIGN_UP,
  OPEN_NETWORK,
  fixture,
  withPasskey,
  door,
  enter,
  invited,
  reasonOf,
} from './passkeys-fixture.contract.ts'

export function passkeySignUpContract(name: string, open: Open, skip: string | false = false): void {
  describe(`passkeys of newcomers on ${name}`, { skip }, () => {
    it('make the account of somebody who signs up, without a password, on level 2, with recovery codes', async () => {
      const f = await fixture(open, { signUp: SIGN_UP })
      const { token, door: signUp } = await invited(f)
      const authenticator = softAuthenticator({ origin: ORIGIN })
      const ceremony = (await signUp.begin(token))!
      const { name } = ceremony.publicKey['user'] as { name: string }
      assert.equal(name, 'ada@example.org')
      f.takeEvents()
      const account = { token, login: '', name: 'Ada', passkey: authenticator.create(ceremony) }
      const made = await signUp.complete(account, from())
      assert.ok(made.ok, JSON.stringify(made))
      assert.deepEqual([made.principal.aal, made.principal.amr, made.recoveryCodes?.length], [2, ['mfa'], 10])
      assert.deepEqual(f.takeEvents().slice(0, 3), ['user_created', 'authn_factor_enrolled', 'authn_recovery_codes_made'])
      assert.equal(reasonOf(await f.signIn('ada@example.org')), 'denied', 'there is no password')
      const entered = await enter(f, authenticator)
      assert.ok(entered.ok && entered.principal.id === made.principal.id)
      assert.equal(await signUp.begin(token), undefined, 'the link is over')
    })

    it('of a sign-up are bound to its link, and of twenty with one answer one makes the account (L22, L25)', async () => {
      const f = await fixture(open, { signUp: SIGN_UP, ...OPEN_NETWORK })
      const [one, other] = [await invited(f), await invited(f, 'eve@example.org')]
      const authenticator = softAuthenticator({ origin: ORIGIN })
      const own = authenticator.create((await one.door.begin(one.token))!)
      const account = (token: string, passkey: BroughtBack) => ({ token, login: '', name: 'Ada', passkey })
      const crossed = await one.door.complete(account(other.token, own), from())
      assert.deepEqual(crossed, { ok: false, reason: 'passkey-refused' })
      assert.deepEqual(await one.door.complete(account(one.token, own), from()), { ok: false, reason: 'passkey-refused' })
      const both = { ...account(one.token, {}), password: new Secret(PASSWORD) }
      assert.deepEqual(await one.door.complete(both, from()), { ok: false, reason: 'passkey-refused' })
      assert.equal(await f.accounts.users.count(), 0)
      const asked = (await one.door.begin(one.token))!
      const elsewhere = (await door(f).begin(undefined))!
      const wrong = authenticator.create(asked, { challenge: String(elsewhere.ceremony.publicKey['challenge']) })
      assert.equal(reasonOf(await one.door.complete(account(one.token, wrong), from())), 'passkey-refused')
      const right = authenticator.create((await one.door.begin(one.token))!)
      const results = await race(20, (i) => one.door.complete(account(one.token, right), from(`net-${i}`)))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      assert.equal(await f.accounts.users.count(), 1)
    })

    it('leave a password that is asked for where it was', async () => {
      const f = await fixture(open)
      await withPasskey(f)
      assert.equal(reasonOf(await f.signIn('bob', { password: `${PASSWORD}!` })), 'denied')
      assert.equal(reasonOf(await f.signIn('bob')), 'second-factor')
    })
  })
}
