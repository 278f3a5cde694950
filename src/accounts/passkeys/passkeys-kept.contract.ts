/** How passkeys are enrolled, owned, counted, removed and lost, on every database. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { softAuthenticator, type Misbehaviour } from '../../../test/support/authenticator.ts'
import { enrol, STEP } from '../../../test/support/second-factor.ts'
import { race } from '../../../test/support/race.ts'
import { CLI, from, type Open } from '../fixture.contract.ts'
import { createLinks } from '../mail/links.ts'
import { randomToken } from '../../crypto/random.ts'
import type { NewSession, PasskeyDoor } from '../types.ts'
import {
  ORIGIN,
  EASY,
  OPEN_NETWORK,
  fixture,
  withPasskey,
  enrolPasskey,
  door,
  enter,
  pendingOf,
  reasonOf,
} from './passkeys-fixture.contract.ts'

export function passkeysKeptContract(name: string, open: Open, skip: string | false = false): void {
  describe(`passkeys as something kept on ${name}`, { skip }, () => {
    it('are enrolled by an answer once, in the session that asked, with its owner there (L18)', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const own = await f.session('bob')
      const token = own.token.reveal()
      const { passkeys } = f.accounts
      const authenticator = softAuthenticator({ origin: ORIGIN })
      const asked = (await passkeys.begin({ token, purpose: 'passkey' }))!
      const other = await f.session('bob', from('198.51.100.1'))
      const response = authenticator.create(asked)
      const refused = { ok: false, reason: 'refused' }
      assert.deepEqual(await passkeys.confirm({ token: other.token.reveal(), response }, from()), refused)
      assert.deepEqual(await passkeys.confirm({ token, response }, from()), refused, 'it was used up there')
      const wrong: Misbehaviour[] = [
        { userVerified: false },
        { userPresent: false },
        { origin: 'https://evil.test' },
        { rpId: 'evil.test' },
        { crossOrigin: true },
        { type: 'webauthn.get' },
        { statement: { fmt: 'packed', attStmt: { alg: -7, sig: Buffer.from('x'), x5c: [Buffer.from('certificate')] } } },
        { statement: { fmt: 'android-safetynet', attStmt: { ver: '1', response: Buffer.from('x') } } },
        { statement: { fmt: 'tpm', attStmt: {} } },
      ]
      for (const one of wrong)
        assert.deepEqual(await enrolPasskey(f, own, authenticator, 'passkey', one), refused, JSON.stringify(one))
      const good = authenticator.create((await passkeys.begin({ token, purpose: 'passkey' }))!)
      const made = await passkeys.confirm({ token, response: good, name: 'My telephone' }, from())
      assert.ok(made.ok && made.passkey.name === 'My telephone')
      assert.deepEqual(await passkeys.confirm({ token: made.token.reveal(), response: good }, from()), refused)
      assert.equal((await passkeys.list(own.principal.id)).length, 1)
    })

    it('give exactly one of twenty who enrol with the same answer (L18, L25)', async () => {
      const f = await fixture(open, EASY)
      await f.user('bob')
      const token = (await f.session('bob')).token.reveal()
      const { passkeys } = f.accounts
      const response = softAuthenticator({ origin: ORIGIN }).create((await passkeys.begin({ token, purpose: 'passkey' }))!)
      const results = await race(20, (i) => passkeys.confirm({ token, response }, from(`net-${i}`)))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
    })

    it('are added only by who proved the factor they have, and by no link or token of mail (L22)', async () => {
      const f = await fixture(open)
      const { user, authenticator } = await withPasskey(f)
      const { passkeys, doors } = f.accounts
      const pending = await pendingOf(f)
      assert.equal(await passkeys.begin({ token: pending, purpose: 'passkey' }), undefined)
      const links = createLinks({ database: f.database as never, random: randomToken, now: () => f.clock.now })
      for (const purpose of ['recover', 'magic-link', 'verify-address', 'undo-address'] as const) {
        const link = await f.database.transaction((tx) => links.issue(tx as never, { purpose, userId: user.id, life: 60_000 }))
        assert.equal(await passkeys.begin({ token: link.reveal(), purpose: 'passkey' }), undefined, purpose)
        assert.equal(await doors.secondFactor.challenge({ pending: link.reveal() }), undefined, purpose)
      }
      // A session of one factor that outlived the enrolment, as an older version might have left one.
      const raised = await enter(f, authenticator)
      assert.ok(raised.ok)
      const token = raised.token.reveal()
      await f.database.kysely
        .updateTable('hf_sessions' as never)
        .set({ aal: 1, proofs: 'password:pwd:1' } as never)
        .execute()
      const fresh = f.twin()
      const asked = (await fresh.passkeys.begin({ token, purpose: 'passkey' }))!
      const response = softAuthenticator({ origin: ORIGIN }).create(asked)
      assert.deepEqual(await fresh.passkeys.confirm({ token, response }, from()), { ok: false, reason: 'denied' })
      assert.equal((await passkeys.list(user.id)).length, 1)
      assert.equal(await doors.secondFactor.challenge({ pending: token }), undefined)
    })

    it('belong to one user: a credential that somebody has is enrolled for nobody else', async () => {
      const f = await fixture(open)
      const { passkey } = await withPasskey(f)
      await f.user('eve')
      const eve = await f.session('eve')
      const thief = softAuthenticator({ origin: ORIGIN })
      const result = await enrolPasskey(f, eve, thief, 'passkey', { credentialId: passkey.credentialId })
      assert.deepEqual(result, { ok: false, reason: 'refused' })
      assert.ok(f.takeEvents().includes('authn_passkey_refused'))
      assert.deepEqual((await f.accounts.factors.of(eve.principal.id)).kinds, [])
    })

    it('are refused when their counter goes back, and the log says so (L21)', async () => {
      const f = await fixture(open)
      const { authenticator } = await withPasskey(f)
      const [original] = authenticator.kept
      const copy = { ...original!, counter: original!.counter }
      assert.equal(reasonOf(await enter(f, authenticator)), 'in')
      assert.equal(reasonOf(await enter(f, authenticator)), 'in')
      f.takeEvents()
      assert.equal(reasonOf(await enter(f, authenticator, { use: copy })), 'denied')
      assert.deepEqual(f.takeEvents(), ['authn_passkey_cloned', 'authn_login_fail'])
      assert.equal(reasonOf(await enter(f, authenticator, { counter: 0 })), 'denied', 'one that counted counts')
      assert.equal(reasonOf(await enter(f, authenticator)), 'in', 'the owner goes on')
    })

    it('let one of two in that answer with the same count at the same moment (L21)', async () => {
      const f = await fixture(open, OPEN_NETWORK)
      const { authenticator } = await withPasskey(f)
      const asked: NonNullable<Awaited<ReturnType<PasskeyDoor['begin']>>>[] = []
      for (let i = 0; i < 20; i++) asked.push((await door(f).begin(undefined))!)
      const answers = asked.map(({ ceremony }) => authenticator.get(ceremony, { counter: 50 }))
      const results = await race(20, (i) =>
        door(f).signIn({ browser: asked[i]!.browser, response: answers[i] }, from(`net-${i}`)),
      )
      assert.equal(results.filter(({ ok }) => ok).length, 1)
    })

    it('that are copied by their maker do not count, or count as they like, which the log says', async () => {
      const f = await fixture(open)
      const still = await withPasskey(f, { device: { counts: false, synced: true } })
      for (let i = 0; i < 3; i++) assert.equal(reasonOf(await enter(f, still.authenticator)), 'in')
      assert.ok(!f.takeEvents().includes('authn_passkey_cloned'))
      assert.equal(reasonOf(await enter(f, still.authenticator, { counter: 9 })), 'in')
      assert.equal(reasonOf(await enter(f, still.authenticator, { counter: 4 })), 'in')
      const cloned = f.events.find(({ type }) => type === 'authn_passkey_cloned')
      assert.equal(cloned?.data?.['refused'], false)
    })

    it('are named and removed by their owner alone (L95)', async () => {
      const f = await fixture(open)
      const bob = await withPasskey(f)
      const eve = await withPasskey(f, { login: 'eve' })
      const { passkeys } = f.accounts
      const actor = { kind: 'user', id: eve.user.id } as const
      assert.equal(await passkeys.rename(eve.user.id, bob.passkey.id, 'Mine'), 'unknown-passkey')
      assert.deepEqual(await passkeys.remove(eve.user.id, bob.passkey.id, actor), { ok: false, reason: 'unknown-passkey' })
      assert.equal(await passkeys.rename(bob.user.id, bob.passkey.id, 'Key ring'), 'renamed')
      assert.equal(await passkeys.rename(bob.user.id, bob.passkey.id, ' '), 'name-invalid')
      assert.equal(await passkeys.rename(bob.user.id, bob.passkey.id, 'x'.repeat(81)), 'name-invalid')
      const listed = await passkeys.list(bob.user.id)
      assert.deepEqual(
        listed.map((one) => one.name),
        ['Key ring'],
      )
      assert.deepEqual(await passkeys.accepted(bob.user.id), {
        rpId: 'app.example',
        userId: bob.authenticator.kept[0]!.handle,
        allAcceptedCredentialIds: [bob.passkey.credentialId],
      })
    })

    it('end the other sessions when they are removed, and lower this one; the last takes the recovery codes along', async () => {
      const f = await fixture(open)
      const { user, passkey, authenticator, session } = await withPasskey(f)
      const other = await enter(f, authenticator)
      assert.ok(other.ok)
      const actor = { kind: 'user', id: user.id } as const
      const { passkeys, sessions, factors } = f.accounts
      f.takeEvents()
      assert.deepEqual(await passkeys.remove(user.id, passkey.id, actor, { keepSession: session.session.id }), { ok: true })
      assert.deepEqual(f.takeEvents(), ['authn_factor_removed', 'session_ended'])
      assert.deepEqual(await sessions.find(other.token.reveal(), f.clock.now), { ok: false, reason: 'ended' })
      const own = await sessions.find(session.token.reveal(), f.clock.now)
      assert.ok(own.ok)
      assert.deepEqual([own.principal.aal, own.principal.amr], [1, ['pwd']])
      assert.deepEqual(await factors.of(user.id), { kinds: [], totpSince: undefined, recoveryCodesLeft: 0 })
      assert.ok((await f.signIn('bob')).ok)
      assert.equal(reasonOf(await enter(f, authenticator)), 'denied')
    })

    it('stay beside an authenticator app: each is removed for itself, and the codes go with the last', async () => {
      const f = await fixture(open)
      const { user, passkey, session } = await withPasskey(f)
      const app = await enrol(f.accounts, session.token.reveal(), () => f.clock.now).catch((error: Error) => error.message)
      assert.match(String(app), /not enrolled: \{"ok":true/, 'the codes were given before')
      f.clock.now += STEP
      const { factors, passkeys } = f.accounts
      const actor = { kind: 'user', id: user.id } as const
      assert.deepEqual((await factors.of(user.id)).kinds, ['totp', 'passkey', 'recovery-codes'])
      assert.ok(await factors.remove(user.id, actor))
      assert.deepEqual((await factors.of(user.id)).kinds, ['passkey', 'recovery-codes'])
      assert.equal(await factors.remove(user.id, actor), false)
      assert.deepEqual(await passkeys.remove(user.id, passkey.id, actor), { ok: true })
      assert.deepEqual((await factors.of(user.id)).recoveryCodesLeft, 0)
    })

    it('are not removed when nothing else would let their owner in', async () => {
      const f = await fixture(open)
      const { user, passkey } = await withPasskey(f)
      await f.database.kysely.deleteFrom('hf_credentials' as never).execute()
      const actor = { kind: 'user', id: user.id } as const
      const { passkeys } = f.accounts
      assert.deepEqual(await passkeys.remove(user.id, passkey.id, actor), { ok: false, reason: 'last-way-in' })
      await f.address(user.id, 'bob@app.example')
      assert.deepEqual(await passkeys.remove(user.id, passkey.id, actor), { ok: true })
    })

    it('are replaced after they were lost, by a recovery code (L23)', async () => {
      const f = await fixture(open)
      const { user, recoveryCodes, passkey } = await withPasskey(f)
      const { doors, passkeys } = f.accounts
      const entered = await doors.secondFactor.signIn({ pending: await pendingOf(f), code: recoveryCodes[0]! }, from())
      assert.ok(entered.ok)
      const next = softAuthenticator({ origin: ORIGIN })
      const made = await enrolPasskey(f, entered, next)
      assert.ok(made.ok)
      assert.deepEqual(await passkeys.remove(user.id, passkey.id, { kind: 'user', id: user.id }), { ok: true })
      assert.equal(reasonOf(await enter(f, next)), 'in')
    })

    it('go with everything else when an operator resets what was lost', async () => {
      const f = await fixture(open)
      const { user, session, authenticator } = await withPasskey(f)
      assert.ok(await f.accounts.factors.reset(user.id, CLI, 'telephone lost'))
      assert.deepEqual(await f.accounts.passkeys.list(user.id), [])
      assert.deepEqual(await f.accounts.sessions.find(session.token.reveal(), f.clock.now), { ok: false, reason: 'ended' })
      assert.equal(reasonOf(await enter(f, authenticator)), 'denied')
      assert.ok((await f.signIn('bob')).ok)
    })

    it('still count while the application has them turned off: nobody gets by with less (L07)', async () => {
      const f = await fixture(open)
      const { recoveryCodes, authenticator } = await withPasskey(f)
      const off = f.twin({ relyingParty: undefined })
      assert.equal(off.passkeys.on, false)
      assert.equal(await off.doors.passkey.begin(undefined), undefined)
      const { browser, ceremony } = (await door(f).begin(undefined))!
      assert.equal(reasonOf(await off.doors.passkey.signIn({ browser, response: authenticator.get(ceremony) }, from())), 'denied')
      const pending = await pendingOf({ ...f, accounts: off })
      assert.equal(await off.doors.secondFactor.challenge({ pending }), undefined)
      assert.ok((await off.doors.secondFactor.signIn({ pending, code: recoveryCodes[0]! }, from())).ok)
    })

    it('are at most twenty', async () => {
      const f = await fixture(open, { limits: { ...EASY.limits } })
      let { session }: { session: NewSession } = await withPasskey(f)
      for (let i = 1; i < 20; i++) {
        const made = await enrolPasskey(f, session, softAuthenticator({ origin: ORIGIN }))
        assert.ok(made.ok, `number ${i + 1}`)
        session = made
      }
      const more = await enrolPasskey(f, session, softAuthenticator({ origin: ORIGIN }))
      assert.deepEqual(more, { ok: false, reason: 'full' })
    })
  })
}
