/** What every database must do with codes in letters as a second factor. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { enrol, STEP } from '../../../test/support/second-factor.ts'
import { from, type Open } from '../fixture.contract.ts'
import { mailDoors } from '../mail/doors-fixture.contract.ts'

const BOB = 'bob@example.org'

export function mailFactorContract(name: string, open: Open, skip: string | false = false): void {
  async function start() {
    const f = await mailDoors(open)
    const { id } = await f.user('bob')
    await f.address(id, BOB)
    const { mailFactor, doors } = f.accounts
    const codeIn = async () => (await f.letters()).find(({ letter }) => letter === 'factor-code')?.data['code'] ?? ''
    const enrolled = async () => {
      const { token } = await f.session('bob')
      assert.deepEqual(await mailFactor.begin(token.reveal(), from()), { ok: true })
      const made = await mailFactor.confirm({ token: token.reveal(), code: await codeIn() }, from())
      assert.ok(made.ok, JSON.stringify(made))
      return made
    }
    const waiting = async () => {
      const answer = await f.signIn('bob')
      assert.ok(!answer.ok && answer.reason === 'second-factor', JSON.stringify(answer))
      return { pending: answer.pending!.reveal(), kinds: answer.kinds }
    }
    return { ...f, id, mailFactor, secondFactor: doors.secondFactor, codeIn, enrolled, waiting }
  }

  describe(`codes in letters as a second factor on ${name}`, { skip }, () => {
    it('count once a code was typed, end other sessions, and bring recovery codes (L08)', async () => {
      const f = await start()
      const other = await f.session('bob')
      const { token } = await f.session('bob')
      await f.mailFactor.begin(token.reveal(), from())
      assert.deepEqual((await f.accounts.factors.of(f.id)).kinds, [])
      assert.ok((await f.signIn('bob')).ok, 'nothing counts yet')
      const code = await f.codeIn()
      assert.deepEqual(await f.mailFactor.confirm({ token: other.token.reveal(), code }, from()), { ok: false, reason: 'code' })
      f.takeEvents()
      const made = await f.mailFactor.confirm({ token: token.reveal(), code }, from())
      assert.ok(made.ok && made.session.aal === 2 && made.recoveryCodes?.length === 10)
      assert.deepEqual(f.takeEvents().slice(0, 3), ['authn_factor_enrolled', 'authn_recovery_codes_made', 'session_ended'])
      assert.equal((await f.accounts.sessions.find(other.token.reveal(), f.clock.now)).ok, false)
      assert.deepEqual((await f.accounts.factors.of(f.id)).kinds, ['email', 'recovery-codes'])
    })

    it('are sent when they are asked for, and end the sign-in that waits: one of 20 (L25)', async () => {
      const f = await start()
      await f.enrolled()
      const { pending, kinds } = await f.waiting()
      assert.deepEqual(kinds, ['email', 'recovery-codes'])
      assert.equal((await f.letters()).length, 0, 'nothing is sent by itself')
      assert.deepEqual(await f.mailFactor.send({ pending }, from()), { ok: true })
      const code = await f.codeIn()
      const results = await race(20, () => f.secondFactor.signIn({ pending, code }, from()))
      const won = results.flatMap((result) => (result.ok ? [result] : []))
      assert.deepEqual([won.length, won[0]?.session.aal, won[0]?.principal.amr], [1, 2, ['pwd', 'email']])
    })

    it('are good for the sign-in that asked, and for nothing else (L09, L39)', async () => {
      const f = await start()
      const { token } = await f.enrolled()
      const [one, other] = [await f.waiting(), await f.waiting()]
      await f.mailFactor.send({ pending: one.pending }, from())
      const code = await f.codeIn()
      assert.equal((await f.secondFactor.signIn({ pending: other.pending, code }, from())).ok, false)
      assert.equal((await f.secondFactor.proveAgain({ token: token.reveal(), code }, from())).ok, false)
      const { browser, code: first } = await f.askCode(BOB)
      assert.equal((await f.accounts.doors.emailCode.signIn({ browser, code }, from())).ok, false)
      assert.equal((await f.secondFactor.signIn({ pending: one.pending, code: first }, from())).ok, false)
      assert.ok((await f.secondFactor.signIn({ pending: one.pending, code }, from())).ok)
    })

    it('prove again who is signed in', async () => {
      const f = await start()
      const { token } = await f.enrolled()
      assert.deepEqual(await f.secondFactor.kinds({ token: token.reveal() }), ['email', 'recovery-codes'])
      assert.deepEqual(await f.mailFactor.send({ token: token.reveal() }, from()), { ok: true })
      const proved = await f.secondFactor.proveAgain({ token: token.reveal(), code: await f.codeIn() }, from())
      assert.ok(proved.ok && proved.session.aal === 2)
    })

    it('are no second step for who came by mail: the same mailbox is looked into twice (L01)', async () => {
      const f = await start()
      await f.enrolled()
      const link = await f.askLink('bob')
      const answer = await f.accounts.doors.magicLink.signIn(link, from())
      assert.ok(!answer.ok && answer.reason === 'second-factor')
      assert.deepEqual(answer.kinds, ['recovery-codes'])
      const pending = answer.pending!.reveal()
      assert.deepEqual(await f.secondFactor.kinds({ pending }), ['recovery-codes'])
      assert.deepEqual(await f.mailFactor.send({ pending }, from()), { ok: false, reason: 'unavailable' })
      assert.equal((await f.letters()).length, 0)
    })

    it('are not for a session that was opened by mail alone, nor without a verified address (L12)', async () => {
      const f = await start()
      const link = await f.askLink('bob')
      const opened = await f.accounts.doors.magicLink.signIn(link, from())
      assert.ok(opened.ok)
      assert.deepEqual(await f.mailFactor.begin(opened.token.reveal(), from()), { ok: false, reason: 'mail-alone' })
      await f.user('eve')
      const eve = await f.session('eve')
      assert.deepEqual(await f.mailFactor.begin(eve.token.reveal(), from()), { ok: false, reason: 'no-address' })
      await f.address(eve.session.userId, 'eve@example.org', false)
      assert.deepEqual(await f.mailFactor.begin(eve.token.reveal(), from()), { ok: false, reason: 'no-address' })
      assert.deepEqual(await f.mailFactor.begin('x', from()), { ok: false, reason: 'denied' })
    })

    it('weaken nobody who has an app, before or after (L07)', async () => {
      const f = await start()
      const made = await f.enrolled()
      const app = await enrol(f.accounts, made.token.reveal(), () => f.clock.now).catch(() => undefined)
      assert.equal(app, undefined, 'there are recovery codes already, so the helper finds none')
      assert.deepEqual((await f.accounts.factors.of(f.id)).kinds, ['totp', 'recovery-codes'])
      const { pending, kinds } = await f.waiting()
      assert.deepEqual(kinds, ['totp', 'recovery-codes'])
      assert.deepEqual(await f.mailFactor.send({ pending }, from()), { ok: false, reason: 'unavailable' })

      const eve = await f.user('eve')
      await f.address(eve.id, 'eve@example.org')
      const { token } = await enrol(f.accounts, (await f.session('eve')).token.reveal(), () => f.clock.now)
      f.clock.now += STEP
      assert.deepEqual(await f.mailFactor.begin(token, from()), { ok: false, reason: 'stronger' })
    })

    it('count failures in the place where all second factors count them (L04)', async () => {
      const f = await start()
      await f.enrolled()
      const { pending } = await f.waiting()
      await f.mailFactor.send({ pending }, from())
      const right = await f.codeIn()
      const guesses = ['123456', 'AAAA-AAAA-AAAA-AAAA', '11111111', '22222222', '33333333', right]
      const answers = []
      for (const code of guesses) {
        const answer = await f.secondFactor.signIn({ pending, code }, from('203.0.113.9'))
        answers.push(answer.ok ? 'in' : answer.reason)
      }
      assert.deepEqual(answers, ['denied', 'denied', 'denied', 'denied', 'denied', 'throttled'])
    })

    it('come five an hour, apart from what strangers ask for', async () => {
      const f = await start()
      await f.enrolled()
      for (let n = 0; n < 5; n++) await f.askLink(BOB, `net${n}`)
      const { pending } = await f.waiting()
      const sent = []
      for (let n = 0; n < 5; n++) sent.push((await f.mailFactor.send({ pending }, from())).ok)
      assert.deepEqual(sent, [true, true, true, true, false])
    })

    it('go to the address that is stored now, and die with the one before (L36)', async () => {
      const f = await start()
      await f.enrolled()
      const { pending } = await f.waiting()
      await f.mailFactor.send({ pending }, from())
      const code = await f.codeIn()
      const actor = { kind: 'system', id: 'test' } as const
      await f.accounts.users.setAddress(f.id, 'new@example.org', actor, { verified: true })
      assert.equal((await f.secondFactor.signIn({ pending, code }, from())).ok, false)
      await f.mailFactor.send({ pending }, from())
      assert.equal((await f.letters()).at(-1)?.to, 'new@example.org')
      await f.accounts.users.setAddress(f.id, 'unproven@example.org', actor)
      assert.deepEqual(await f.mailFactor.send({ pending }, from()), { ok: false, reason: 'unavailable' })
      assert.deepEqual((await f.waiting()).kinds, ['email', 'recovery-codes'], 'it is asked for all the same: fail closed')
    })

    it('are removed with their recovery codes, and sessions fall back to one step', async () => {
      const f = await start()
      const made = await f.enrolled()
      assert.equal(await f.mailFactor.remove(f.id, { keepSession: made.session.id, from: from() }), true)
      assert.equal(await f.mailFactor.remove(f.id), false)
      const found = await f.accounts.sessions.find(made.token.reveal(), f.clock.now)
      assert.ok(found.ok && found.session.aal === 1)
      assert.deepEqual(await f.accounts.factors.of(f.id), { kinds: [], totpSince: undefined, recoveryCodesLeft: 0 })
      assert.ok((await f.signIn('bob')).ok)
    })
  })
}
