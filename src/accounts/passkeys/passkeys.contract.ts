/** What passkeys must hold on every database: nothing that was not asked, nothing twice, nobody else's, one winner of many. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { softAuthenticator, type Misbehaviour, type SoftAuthenticatorOptions } from '../../../test/support/authenticator.ts'
import { enrol, STEP } from '../../../test/support/second-factor.ts'
import { race } from '../../../test/support/race.ts'
import { CLI, fixture as plain, from, PASSWORD, type Fixture, type Open } from '../fixture.contract.ts'
import type { AccountsSetting } from '../accounts.ts'
import { createLinks } from '../links.ts'
import { Secret } from '../../crypto/secret.ts'
import { randomToken } from '../../crypto/random.ts'
import type { BroughtBack, NewSession, PasskeyDoor, PasskeyPurpose, SignIn } from '../types.ts'
import { loadWebAuthn, relyingParty, type WebAuthn } from './relying-party.ts'

const ORIGIN = 'https://app.example'
const EASY = { limits: { factorBurst: { limit: 100, period: 1000 }, factor: { limit: 100, period: 1000 } } }
const SIGN_UP = { mode: 'open', roles: ['member'], login: 'address' } as const
const OPEN_NETWORK = { limits: { ...EASY.limits, network: { limit: 1000, period: 1000 } } }

/** How often answers were verified. */
interface Counts {
  verified: number
}

async function fixture(open: Open, setting: Partial<AccountsSetting> = {}): Promise<Fixture & { readonly checks: Counts }> {
  const checks: Counts = { verified: 0 }
  const library = await loadWebAuthn()
  const counting: WebAuthn = {
    ...library,
    verifyAuthenticationResponse: (given) => {
      checks.verified++
      return library.verifyAuthenticationResponse(given)
    },
  }
  const party = relyingParty({ id: 'app.example', name: 'App', origin: ORIGIN }, counting)
  return { ...(await plain(open, { relyingParty: party, ...setting })), checks }
}

interface Enrolling {
  readonly purpose?: PasskeyPurpose
  readonly device?: Partial<SoftAuthenticatorOptions>
  readonly login?: string
}

/** A user with a passkey, as they would enrol it, in the session that did. */
async function withPasskey(f: Fixture, { purpose = 'passkey', device, login = 'bob' }: Enrolling = {}) {
  const user = await f.user(login)
  const before = await f.session(login)
  const authenticator = softAuthenticator({ origin: ORIGIN, ...device })
  const made = await enrolPasskey(f, before, authenticator, purpose)
  assert.ok(made.ok, JSON.stringify(made))
  f.takeEvents()
  const recoveryCodes = (made.recoveryCodes ?? []).map((one) => one.reveal())
  return { user, before, authenticator, session: made as NewSession, passkey: made.passkey, recoveryCodes }
}

async function enrolPasskey(
  f: Fixture,
  session: NewSession,
  authenticator: ReturnType<typeof softAuthenticator>,
  purpose: PasskeyPurpose = 'passkey',
  wrong: Misbehaviour = {},
) {
  const token = session.token.reveal()
  const ceremony = await f.accounts.passkeys.begin({ token, purpose })
  return await f.accounts.passkeys.confirm({ token, response: authenticator.create(ceremony!, wrong), name: '' }, from())
}

const door = (f: Fixture) => f.accounts.doors.passkey

/** The way in, as a browser goes it. */
async function enter(
  f: Fixture,
  authenticator: ReturnType<typeof softAuthenticator>,
  wrong: Parameters<ReturnType<typeof softAuthenticator>['get']>[1] = {},
): Promise<SignIn> {
  const begun = (await door(f).begin(undefined))!
  return await door(f).signIn({ browser: begun.browser, response: authenticator.get(begun.ceremony, wrong) }, from())
}

/** The link of a sign-up, as its letter brings it. */
async function invited(f: Fixture, address = 'ada@example.org') {
  const { signUp } = f.accounts.doors
  assert.deepEqual(await signUp.ask(address, from()), { ok: true })
  return { token: f.tokenOf(await f.letters(), 'sign-up'), door: signUp }
}

async function pendingOf(f: Fixture, login = 'bob'): Promise<string> {
  const answer = await f.signIn(login)
  assert.ok(!answer.ok && answer.reason === 'second-factor', JSON.stringify(answer))
  return answer.pending!.reveal()
}

const reasonOf = (answer: { readonly ok: boolean; readonly reason?: string }) => (answer.ok ? 'in' : answer.reason)

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

    it('are a second step beside the password, which asks for them (L01, L07)', async () => {
      const f = await fixture(open)
      const { authenticator, user } = await withPasskey(f, { purpose: 'security-key' })
      const answer = await f.signIn('bob')
      assert.ok(!answer.ok && answer.reason === 'second-factor')
      assert.deepEqual(answer.kinds, ['passkey', 'recovery-codes'])
      const pending = answer.pending!.reveal()
      const { secondFactor } = f.accounts.doors
      assert.deepEqual(await f.accounts.mailFactor.kinds({ pending }), ['passkey', 'recovery-codes'])
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
      assert.deepEqual(await f.accounts.sessions.find(own.token.reveal(), f.clock.now), { ok: false, reason: 'ended' })
      assert.deepEqual(f.takeEvents().slice(-6), [
        ...['authn_factor_enrolled', 'authn_recovery_codes_made', 'session_ended'],
        ...['authn_login_success', 'authn_factor_used', 'session_renewed'],
      ])
      const second = await enrolPasskey(f, made, softAuthenticator({ origin: ORIGIN }))
      assert.ok(second.ok)
      assert.equal(second.recoveryCodes, undefined, 'they are given once')
    })

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
