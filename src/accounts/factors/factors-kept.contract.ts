/** How second factors are proved again, replaced, removed and reset. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { Secret } from '../../crypto/secret.ts'
import { CLI, fixture, from, OTHER_PASSWORD, PASSWORD, type Open } from '../fixture.contract.ts'
import type { AccountsDatabase } from '../schema.ts'
import { spendFactor } from './index.ts'
import { codeOf } from './totp.ts'
import { Secret as Otp } from 'otpauth'
import { STEP, SHOWN, enrolled, pending, enter, reasonOf } from './factors-fixture.contract.ts'

export function factorsKeptContract(name: string, open: Open, skip: string | false = false): void {
  describe(`second factors as something kept on ${name}`, { skip }, () => {
    it('prove again in the place of the password, with a new token and a new time', async () => {
      const f = await fixture(open)
      const { session, code } = await enrolled(f)
      const token = session.token.reveal()
      f.clock.now += 600_000
      const byPassword = await f.accounts.doors.password.proveAgain({ token, password: new Secret(PASSWORD) }, from())
      assert.ok(!byPassword.ok && byPassword.reason === 'second-factor' && byPassword.pending === undefined)
      const proved = await f.accounts.doors.secondFactor.proveAgain({ token, code: code() }, from())
      assert.ok(proved.ok)
      assert.deepEqual([proved.principal.provedAt, proved.principal.aal, proved.session.id], [f.clock.now, 2, session.session.id])
      assert.equal((await f.accounts.sessions.find(token, f.clock.now)).ok, false)
    })

    it('are replaced by a session of level 2 alone, and the old app is void at once', async () => {
      const f = await fixture(open)
      const { session, code } = await enrolled(f)
      const draft = await f.accounts.factors.begin(session.session, SHOWN)
      const secret = Buffer.from(Otp.fromBase32(draft.secret.reveal()).bytes)
      const fresh = () => codeOf(secret, Math.floor(f.clock.now / STEP))
      const input = { token: session.token.reveal(), code: fresh() }
      const made = await race(20, () => f.accounts.factors.confirm(input, from()))
      const won = made.filter(({ ok }) => ok)
      assert.equal(won.length, 1)
      assert.ok(won[0]?.ok && won[0].recoveryCodes === undefined, 'the codes on paper stay good')
      f.clock.now += STEP
      assert.equal(reasonOf(await enter(f, await pending(f), code())), 'denied')
      assert.equal(reasonOf(await enter(f, await pending(f), fresh())), 'in')
    })

    it('are not replaced by a session that knows the password alone, however it came to be (L08)', async () => {
      const f = await fixture(open)
      const { session, code } = await enrolled(f)
      const lower = f.database.kysely as AccountsDatabase['kysely']
      await lower
        .updateTable('hf_sessions')
        .set({ aal: 1, proofs: `password:pwd:${f.clock.now}` })
        .execute()
      const draft = await f.accounts.factors.begin(session.session, SHOWN)
      const secret = Buffer.from(Otp.fromBase32(draft.secret.reveal()).bytes)
      const input = { token: session.token.reveal(), code: codeOf(secret, Math.floor(f.clock.now / STEP)) }
      assert.deepEqual(await f.accounts.factors.confirm(input, from()), { ok: false, reason: 'denied' })
      assert.equal(reasonOf(await enter(f, await pending(f), code())), 'in', 'the old app is still the one')
    })

    it('leave when they are removed, with the recovery codes, and this session falls back to level 1', async () => {
      const f = await fixture(open)
      const { user, session, code, recoveryCodes } = await enrolled(f)
      const other = await enter(f, await pending(f), code())
      assert.ok(other.ok)
      const actor = { kind: 'user', id: user.id } as const
      assert.equal(await f.accounts.factors.remove(user.id, actor, { keepSession: session.session.id }), true)
      assert.equal(await f.accounts.factors.remove(user.id, actor), false)
      const own = await f.accounts.sessions.find(session.token.reveal(), f.clock.now)
      assert.ok(own.ok && own.rotate === true)
      assert.deepEqual([own.principal.aal, own.principal.amr], [1, ['pwd']])
      assert.equal((await f.accounts.sessions.find(other.token.reveal(), f.clock.now)).ok, false)
      assert.deepEqual(await f.accounts.factors.of(user.id), { kinds: [], totpSince: undefined, recoveryCodesLeft: 0 })
      assert.ok((await f.signIn('bob')).ok)
      assert.equal(await f.accounts.factors.renewCodes(user.id, actor), undefined)
      assert.equal(recoveryCodes.length, 10)
    })

    it('begin anew when they are enrolled again: other recovery codes, and none of the old', async () => {
      const f = await fixture(open)
      const { user, recoveryCodes } = await enrolled(f)
      await f.accounts.factors.reset(user.id, CLI, 'lost the telephone')
      const again = await f.session('bob')
      const draft = await f.accounts.factors.begin(again.session, SHOWN)
      const secret = Buffer.from(Otp.fromBase32(draft.secret.reveal()).bytes)
      const input = { token: again.token.reveal(), code: codeOf(secret, Math.floor(f.clock.now / STEP)) }
      const made = await f.accounts.factors.confirm(input, from())
      assert.ok(made.ok && made.recoveryCodes?.length === 10)
      assert.equal(reasonOf(await enter(f, await pending(f), recoveryCodes[0]!)), 'denied')
      assert.equal(reasonOf(await enter(f, await pending(f), made.recoveryCodes[0]!.reveal())), 'in')
    })

    it('are used up under the very secret that was checked, and once', async () => {
      const f = await fixture(open)
      const { user } = await enrolled(f)
      const step = Math.floor(f.clock.now / STEP)
      const spend = (version: number) =>
        (f.database as AccountsDatabase).transaction((tx) =>
          spendFactor(tx, user.id, { kind: 'totp', version, step }, f.clock.now),
        )
      assert.deepEqual([await spend(2), await spend(1), await spend(1)], [false, true, false])
    })

    it('get new recovery codes that void the old ones', async () => {
      const f = await fixture(open)
      const { user, recoveryCodes } = await enrolled(f)
      const codes = await f.accounts.factors.renewCodes(user.id, { kind: 'user', id: user.id })
      assert.equal(new Set(codes!.map((one) => one.reveal())).size, 10)
      for (const one of codes!) assert.match(one.reveal(), /^(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/)
      assert.equal(reasonOf(await enter(f, await pending(f), recoveryCodes[3]!)), 'denied')
      assert.equal(reasonOf(await enter(f, await pending(f), codes![3]!.reveal())), 'in')
    })

    it('are reset by an operator with a reason, and every session ends', async () => {
      const f = await fixture(open)
      const { user, session } = await enrolled(f)
      f.takeEvents()
      assert.equal(await f.accounts.factors.reset(user.id, CLI, 'lost the telephone'), true)
      assert.deepEqual(f.events[0], {
        type: 'authn_factor_removed',
        data: { userId: user.id, actor: 'system:cli', kind: 'totp', reason: 'lost the telephone' },
      })
      assert.equal((await f.accounts.sessions.find(session.token.reveal(), f.clock.now)).ok, false)
      assert.equal(await f.accounts.factors.reset(user.id, CLI, 'lost the telephone'), false)
      assert.ok((await f.signIn('bob')).ok)
    })

    it('leave the count of wrong passwords as it was until the second step is done', async () => {
      const f = await fixture(open)
      const { code } = await enrolled(f)
      const guess = () => f.signIn('bob', { password: OTHER_PASSWORD, from: from('net-1') })
      for (let i = 0; i < 3; i++) await guess()
      const waiting = await pending(f, 'bob', from('net-1'))
      for (let i = 0; i < 2; i++) await guess()
      assert.equal(reasonOf(await f.signIn('bob', { from: from('net-1') })), 'throttled')
      assert.equal(reasonOf(await enter(f, waiting, code(), from('net-1'))), 'in')
      await pending(f, 'bob', from('net-1'))
    })

    it('are due one grace after they were first missed, once and for all', async () => {
      const f = await fixture(open)
      const { id } = await f.user('bob')
      const first = f.clock.now
      assert.equal(await f.accounts.factors.dueAt(id, 1000, first), first + 1000)
      assert.equal(await f.accounts.factors.dueAt(id, 1000, first + 5000), first + 1000)
      assert.equal(await f.twin().factors.dueAt(id, 2000, first + 9000), first + 2000)
    })
  })
}
