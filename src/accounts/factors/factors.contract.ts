/** What second factors must hold on every database: no door without them, no code twice, one winner of many, one counter for all. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { Secret } from '../../crypto/secret.ts'
import { CLI, fixture, from, OTHER_PASSWORD, PASSWORD, type Fixture, type Open } from '../fixture.contract.ts'
import type { AccountsDatabase } from '../schema.ts'
import type { NewSession, SignIn } from '../types.ts'
import { spendFactor } from './index.ts'
import { codeOf } from './totp.ts'
import { Secret as Otp } from 'otpauth'

const STEP = 30_000
const SHOWN = { issuer: 'App', login: 'bob' }

/** A user with an authenticator app, as they would enrol it. */
async function enrolled(f: Fixture, login = 'bob') {
  const user = await f.user(login)
  const first = await f.session(login)
  const draft = await f.accounts.factors.begin(first.session, { ...SHOWN, login })
  const secret = Buffer.from(Otp.fromBase32(draft.secret.reveal()).bytes)
  const code = (steps = 0) => codeOf(secret, Math.floor(f.clock.now / STEP) + steps)
  const made = await f.accounts.factors.confirm({ token: first.token.reveal(), code: code() }, from())
  assert.ok(made.ok, JSON.stringify(made))
  const recoveryCodes = made.recoveryCodes!.map((one) => one.reveal())
  f.clock.now += STEP
  f.takeEvents()
  return { user, session: made as NewSession, before: first, code, secret, recoveryCodes, uri: draft.uri.reveal() }
}

/** The password, and then what waits. */
async function pending(f: Fixture, login = 'bob', origin = from()): Promise<string> {
  const answer = await f.signIn(login, { from: origin })
  assert.ok(!answer.ok && answer.reason === 'second-factor', JSON.stringify(answer))
  return answer.pending!.reveal()
}

const enter = (f: Fixture, waiting: string, code: string, origin = from()) =>
  f.accounts.doors.secondFactor.signIn({ pending: waiting, code }, origin)
const reasonOf = (answer: Awaited<ReturnType<typeof enter>> | SignIn) => (answer.ok ? 'in' : answer.reason)

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
      assert.deepEqual(await f.accounts.sessions.find(own.token.reveal(), f.clock.now), { ok: false, reason: 'ended' })
      assert.ok((await f.accounts.sessions.find(made.token.reveal(), f.clock.now)).ok)
    })

    it('take no code twice, nor one from before it, nor the one of the enrolment (L15)', async () => {
      const f = await fixture(open)
      const { code } = await enrolled(f)
      assert.equal(reasonOf(await enter(f, await pending(f), code(-1))), 'denied', 'the code of the enrolment')
      const used = code()
      assert.equal(reasonOf(await enter(f, await pending(f), used)), 'in')
      assert.equal(reasonOf(await enter(f, await pending(f), used)), 'denied')
      assert.equal(reasonOf(await enter(f, await pending(f), code(-1))), 'denied')
      f.clock.now += STEP
      assert.equal(reasonOf(await enter(f, await pending(f), used)), 'denied')
      assert.equal(reasonOf(await enter(f, await pending(f), code())), 'in')
    })

    it('take a code of one step before and after, and none from farther away', async () => {
      const f = await fixture(open)
      const { code } = await enrolled(f)
      f.clock.now += 10 * STEP
      assert.equal(reasonOf(await enter(f, await pending(f), code(-2))), 'denied')
      assert.equal(reasonOf(await enter(f, await pending(f), code(2))), 'denied')
      assert.equal(reasonOf(await enter(f, await pending(f), code(-1))), 'in')
      assert.equal(reasonOf(await enter(f, await pending(f), ` ${code(1).slice(0, 3)} ${code(1).slice(3)}`)), 'in')
    })

    it('let exactly one of twenty in with the same code (L15, L25)', async () => {
      const f = await fixture(open, {
        limits: { factorBurst: { limit: 100, period: 1000 }, factor: { limit: 100, period: 1000 } },
      })
      const { code } = await enrolled(f)
      const waiting: string[] = []
      for (let i = 0; i < 20; i++) waiting.push(await pending(f))
      const answers = await race(20, (i) => enter(f, waiting[i]!, code(), from(`net-${i}`)))
      assert.equal(answers.filter(({ ok }) => ok).length, 1)
    })

    it('make one session of one sign-in that waits, whoever asks for it how often (L14)', async () => {
      const f = await fixture(open, {
        limits: { factorBurst: { limit: 100, period: 1000 }, factor: { limit: 100, period: 1000 } },
      })
      const { code, recoveryCodes } = await enrolled(f)
      const waiting = await pending(f)
      const answers = await race(20, (i) => enter(f, waiting, i % 2 ? code() : recoveryCodes[i / 2]!, from(`net-${i}`)))
      assert.equal(answers.filter(({ ok }) => ok).length, 1)
      const old = await pending(f)
      f.clock.now += 300_001
      assert.deepEqual(await enter(f, old, code()), { ok: false, reason: 'expired' })
      assert.equal(await f.accounts.doors.secondFactor.waits(old), false)
    })

    it('let exactly one of twenty in with the same recovery code, and end the other sessions (L23)', async () => {
      const f = await fixture(open, {
        limits: { factorBurst: { limit: 100, period: 1000 }, factor: { limit: 100, period: 1000 } },
      })
      const { recoveryCodes, session, user } = await enrolled(f)
      const waiting: string[] = []
      for (let i = 0; i < 20; i++) waiting.push(await pending(f))
      const answers = await race(20, (i) => enter(f, waiting[i]!, recoveryCodes[0]!, from(`net-${i}`)))
      assert.equal(answers.filter(({ ok }) => ok).length, 1)
      assert.equal((await f.accounts.factors.of(user.id)).recoveryCodesLeft, 9)
      assert.deepEqual(await f.accounts.sessions.find(session.token.reveal(), f.clock.now), { ok: false, reason: 'ended' })
      const lower = recoveryCodes[1]!.toLowerCase().replaceAll('-', ' ')
      assert.equal(reasonOf(await enter(f, await pending(f), lower, from('net-x'))), 'in')
    })

    it('end the other sessions when a recovery code proves again, and keep this one (L23)', async () => {
      const f = await fixture(open)
      const { session, code, recoveryCodes } = await enrolled(f)
      const other = await enter(f, await pending(f), code())
      assert.ok(other.ok)
      const token = session.token.reveal()
      const proved = await f.accounts.doors.secondFactor.proveAgain({ token, code: recoveryCodes[0]! }, from())
      assert.ok(proved.ok && proved.session.id === session.session.id)
      assert.ok((await f.accounts.sessions.find(proved.token.reveal(), f.clock.now)).ok)
      assert.equal((await f.accounts.sessions.find(other.token.reveal(), f.clock.now)).ok, false)
    })

    it('take no token that was cut, changed or made for something else (L34, L37, L39)', async () => {
      const f = await fixture(open)
      const { session, code } = await enrolled(f)
      const waiting = await pending(f)
      const flipped = `${waiting.slice(0, -1)}${waiting.endsWith('A') ? 'B' : 'A'}`
      const odd = [
        '',
        waiting.slice(0, -1),
        `${waiting}A`,
        flipped,
        waiting.toLowerCase(),
        '\0',
        'x'.repeat(100_000),
        session.token.reveal(),
      ]
      for (const token of odd) {
        assert.equal(reasonOf(await enter(f, token, code())), 'expired')
        assert.equal(await f.accounts.doors.secondFactor.waits(token), false)
      }
      for (const blank of ['', ' ', '\0', '000', '-', '0'.repeat(1000)]) {
        assert.equal(reasonOf(await enter(f, waiting, blank, from(`net-${blank.length}`))) === 'in', false)
      }
      f.clock.now += 240_000
      assert.equal(reasonOf(await enter(f, waiting, code(), from('net-x'))), 'in')
    })

    it('count the failures of all kinds together, before anything is compared (L04)', async () => {
      const f = await fixture(open)
      const { code } = await enrolled(f)
      f.takeEvents()
      const waiting = await pending(f)
      const guesses = ['000000', 'AAAA-AAAA-AAAA-AAAA', '111111', 'nonsense', '2222-2222-2222-2222']
      for (const [i, guess] of guesses.entries())
        assert.equal(reasonOf(await enter(f, waiting, guess, from(`net-${i}`))), 'denied')
      const locked = await enter(f, waiting, code(), from('net-9'))
      assert.deepEqual(locked, { ok: false, reason: 'throttled', retryAfter: 60 })
      const fails = f.events.filter(({ type }) => type === 'authn_login_fail')
      assert.ok(fails.every(({ data }) => data?.['door'] === 'second-factor'))
      assert.equal(fails.length, 5)
      assert.equal(f.events.filter(({ type }) => type === 'authn_login_fail_max').length, 1)
    })

    it('look at exactly 5 of 100 guesses at the same moment (L04, L27)', async () => {
      const f = await fixture(open)
      await enrolled(f)
      const waiting = await pending(f)
      const answers = await race(100, (i) => enter(f, waiting, String(100_000 + i), from(`net-${i}`)))
      assert.equal(answers.filter((answer) => reasonOf(answer) === 'throttled').length, 95)
    })

    it('do not let who has the password lock the owner out of a browser that the owner uses', async () => {
      const f = await fixture(open)
      const { code } = await enrolled(f)
      const home = from('home', { knownDevice: f.accounts.knownDevices.issue('bob').reveal() })
      const waiting = await pending(f, 'bob', from('elsewhere'))
      for (let i = 0; i < 6; i++) await enter(f, waiting, '000000', from('elsewhere'))
      assert.equal(reasonOf(await enter(f, waiting, code(), from('elsewhere'))), 'throttled')
      assert.equal(reasonOf(await enter(f, await pending(f, 'bob', home), code(), home)), 'in')
    })

    it('void a sign-in that waits when the password is set, the user disabled, or it is cancelled (L05, L11)', async () => {
      const f = await fixture(open)
      const { code, user } = await enrolled(f)
      const first = await pending(f)
      await f.accounts.doors.secondFactor.cancel(first)
      assert.equal(reasonOf(await enter(f, first, code())), 'expired')
      const second = await pending(f)
      await f.accounts.users.disable(user.id, CLI)
      assert.equal(reasonOf(await enter(f, second, code())), 'denied')
      await f.accounts.users.enable(user.id, CLI)
      const third = await pending(f)
      await f.accounts.credentials.setPassword(user.id, new Secret(OTHER_PASSWORD), CLI)
      assert.equal(reasonOf(await enter(f, third, code(1))), 'denied')
    })

    it("take nobody else's code, neither to sign in nor to prove again (L09)", async () => {
      const f = await fixture(open)
      const bob = await enrolled(f, 'bob')
      const eve = await enrolled(f, 'eve')
      const { secondFactor } = f.accounts.doors
      const token = bob.session.token.reveal()
      assert.equal(reasonOf(await enter(f, await pending(f, 'bob'), eve.code())), 'denied')
      assert.equal(reasonOf(await enter(f, await pending(f, 'bob'), eve.recoveryCodes[0]!)), 'denied')
      assert.equal(reasonOf(await secondFactor.proveAgain({ token, code: eve.code() }, from())), 'denied')
      assert.equal(reasonOf(await secondFactor.proveAgain({ token, code: bob.code() }, from())), 'in')
    })

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
