/** What the password door must hold on every database: parity, limits, races, spellings. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHasher } from '../../crypto/password/hasher.ts'
import { Secret } from '../../crypto/secret.ts'
import { race } from '../../../test/support/race.ts'
import { CLI, fixture, from, fullHasher, OTHER_PASSWORD, PASSWORD, type Fixture, type Open } from '../fixture.contract.ts'

const DEARER = { insecureParameters: { memory: 16, passes: 1, parallelism: 1 } }

export function passwordContract(name: string, open: Open, skip: string | false = false): void {
  describe(`password door on ${name}`, { skip }, () => {
    it('lets the owner in, remembers when, and says so', async () => {
      const f = await fixture(open)
      const user = await f.user('bob')
      f.takeEvents()
      f.clock.now += 1000
      const result = await f.signIn('bob')
      assert.ok(result.ok)
      assert.match(result.token.reveal(), /^[A-Za-z0-9_-]{43}$/)
      assert.deepEqual(result.principal.roles, ['member'])
      assert.deepEqual(result.principal.amr, ['pwd'])
      assert.equal(result.principal.provedAt, f.clock.now)
      assert.equal((await f.accounts.users.byId(user.id))?.lastSignInAt, f.clock.now)
      assert.deepEqual(f.takeEvents(), ['authn_login_success', 'session_created'])
    })

    it('costs and says the same for an unknown name, a wrong password, a disabled user and one without a password', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const carol = await f.user('carol')
      await f.accounts.users.disable(carol.id, CLI)
      await f.accounts.users.create({ login: 'dave' }, CLI)
      const cases = [
        ['unknown', 'nobody', PASSWORD],
        ['wrong', 'bob', OTHER_PASSWORD],
        ['disabled', 'carol', PASSWORD],
        ['disabled and wrong', 'carol', OTHER_PASSWORD],
        ['no password', 'dave', PASSWORD],
        ['not a login', 'a b', PASSWORD],
      ] as const
      const seen = []
      for (const [, login, password] of cases) {
        f.takeEvents()
        f.work.reset()
        const answer = await f.signIn(login, { password, from: from(`net-${seen.length}`) })
        const data = f.events.map((event) => ({
          ...event,
          data: { ...event.data, login: typeof event.data?.['login'], userId: 0 },
        }))
        seen.push({ answer, work: { ...f.work.counts }, data })
      }
      assert.deepEqual(seen[0]!.answer, { ok: false, reason: 'denied' })
      assert.equal(seen[0]!.work.hash, 1)
      for (const [index, one] of seen.entries()) assert.deepEqual(one, seen[0], cases[index]![0])
    })

    it('does the same for passwords that are too long, empty or odd, whether the name exists or not', async () => {
      const f = await fixture(open, { limits: { network: { limit: 1000, period: 1000 } } })
      await f.user('bob')
      for (const password of ['', 'x'.repeat(73), 'x'.repeat(300), 'x'.repeat(1_000_000), 'a\0b', '\ud800']) {
        const seen = []
        for (const login of ['bob', 'nobody']) {
          f.work.reset()
          const answer = await f.signIn(login, { password })
          seen.push({ answer, work: { ...f.work.counts } })
          f.clock.now += 900_000
        }
        assert.deepEqual(seen[0], seen[1], `${password.length} characters`)
        assert.deepEqual(seen[0]!.answer, { ok: false, reason: 'denied' })
      }
    })

    it('limits unknown names like known ones, and tells neither', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const answers: Record<string, unknown[]> = { bob: [], nobody: [] }
      for (const login of ['bob', 'nobody']) {
        for (let i = 0; i < 7; i++)
          answers[login]!.push(await f.signIn(login, { password: OTHER_PASSWORD, from: from(`${login}-${i}`) }))
      }
      assert.deepEqual(answers['bob'], answers['nobody'])
      assert.deepEqual(answers['bob']!.at(-1), { ok: false, reason: 'throttled', retryAfter: 12 })
    })

    it('evaluates exactly 5 of 100 guesses at the same moment (A38)', async () => {
      const f = await fixture(open)
      await f.user('bob')
      f.work.reset()
      f.takeEvents()
      const answers = await race(100, (i) => f.signIn('bob', { password: OTHER_PASSWORD, from: from(`net-${i}`) }))
      assert.equal(f.work.counts.hash, 5)
      assert.equal(answers.filter((answer) => !answer.ok && answer.reason === 'throttled').length, 95)
      const types = f.takeEvents()
      assert.equal(types.filter((type) => type === 'authn_login_fail').length, 5)
      assert.equal(types.filter((type) => type === 'authn_login_fail_max').length, 1)
      assert.equal(types.filter((type) => type === 'authn_login_lock').length, 95)
    })

    it('counts a guess in two processes as one account, also after a restart', async () => {
      const f = await fixture(open)
      await f.user('bob')
      for (let i = 0; i < 5; i++) await f.signIn('bob', { password: OTHER_PASSWORD })
      const answer = await f.twin().doors.password.signIn({ login: 'bob', password: new Secret(PASSWORD) }, from())
      assert.ok(!answer.ok && answer.reason === 'throttled')
    })

    it('counts all spellings of a name as one (A39)', async () => {
      const f = await fixture(open)
      await f.user('Bobé')
      for (const spelling of ['bobé', 'BOBÉ', ' bobe\u0301 ', 'ＢＯＢÉ', 'Bobe\u0301']) {
        const answer = await f.signIn(spelling, { password: OTHER_PASSWORD })
        assert.deepEqual(answer, { ok: false, reason: 'denied' })
      }
      const sixth = await f.signIn('Bobé')
      assert.ok(!sixth.ok && sixth.reason === 'throttled')
      f.clock.now += 900_000
      const spelt = await f.signIn(' BOBE\u0301 ')
      assert.ok(spelt.ok)
      assert.equal(spelt.principal.login, 'Bobé')
    })

    it('limits one account attacked from 1000 networks, while its owner gets in with a browser they used (A44, A180)', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const home = from('198.51.100.1', { knownDevice: f.accounts.knownDevices.issue('bob').reveal() })
      f.work.reset()
      const networks = f.database.dialect === 'sqlite' ? 1000 : 100
      for (let i = 0; i < networks; i++) {
        await f.signIn('bob', { password: OTHER_PASSWORD, from: from(`10.0.${i >> 8}.${i & 255}`) })
        f.clock.now += 100_000 / networks
      }
      assert.ok(f.work.counts.hash <= 5 + 100 / 12 + 1, `${f.work.counts.hash} guesses in 100 s`)
      const owner = await f.signIn('bob', { from: home })
      assert.ok(owner.ok)
      const elsewhere = await f.signIn('bob', { from: from('203.0.113.9') })
      assert.ok(!elsewhere.ok && elsewhere.reason === 'throttled', 'her own success gives the attackers nothing back')
      f.clock.now += 900_000
      assert.ok((await f.signIn('bob', { from: from('203.0.113.9') })).ok, 'a quarter of an hour later all is free')
    })

    it('limits a network that tries many accounts, an IPv6 /48 that uses many /64, and leaves others alone', async () => {
      const f = await fixture(open, { limits: { site: { limit: 30, period: 300_000 } } })
      for (let i = 0; i < 20; i++) assert.equal(reason(await f.signIn(`user${i}`, { password: OTHER_PASSWORD })), 'denied')
      assert.equal(reason(await f.signIn('user20')), 'throttled')
      assert.equal(reason(await f.signIn('user20', { from: from('192.0.2.8') })), 'denied')
      const site = '2001:db8:1::/48'
      for (let i = 0; i < 30; i++) await f.signIn(`v6-${i}`, { from: from(`2001:db8:1:${i}::/64`, { site }) })
      assert.equal(reason(await f.signIn('v6', { from: from('2001:db8:1:ff::/64', { site }) })), 'throttled')
    })

    it('does not use the limit of a network up by right passwords, and does not give failures back for them', async () => {
      const f = await fixture(open)
      await f.user('bob')
      for (let i = 0; i < 30; i++) assert.ok((await f.signIn('bob')).ok)
      for (let i = 0; i < 19; i++) await f.signIn(`user${i}`)
      assert.ok((await f.signIn('bob')).ok)
      assert.equal(reason(await f.signIn('user19')), 'denied')
      assert.equal(reason(await f.signIn('user20')), 'throttled')
    })

    it('warns when somebody gets in after failures', async () => {
      const f = await fixture(open)
      await f.user('bob')
      await f.signIn('bob', { password: OTHER_PASSWORD })
      f.takeEvents()
      assert.ok((await f.signIn('bob')).ok)
      assert.deepEqual(f.takeEvents(), ['authn_login_success', 'authn_login_successafterfail', 'session_created'])
    })

    it('writes no login and no password into events, but the same mark for one name', async () => {
      const f = await fixture(open)
      const user = await f.user('bob.the.builder')
      await f.signIn('bob.the.builder', { password: OTHER_PASSWORD })
      await f.signIn('BOB.the.builder', { password: OTHER_PASSWORD })
      const text = JSON.stringify(f.events)
      assert.ok(!/builder|velvet|crimson/i.test(text), text)
      const marks = f.events.filter(({ type }) => type === 'authn_login_fail').map(({ data }) => data)
      assert.equal(marks[0]!['login'], marks[1]!['login'])
      assert.equal(marks[0]!['userId'], user.id)
    })

    it('answers busy when too much is being hashed, and counts nothing for it', async () => {
      const f = await fixture(open)
      await f.user('bob')
      f.takeEvents()
      const shed = f.twin({ hasher: fullHasher }).doors.password
      for (let i = 0; i < 10; i++) {
        for (const login of ['bob', 'nobody']) {
          const answer = await shed.signIn({ login, password: new Secret(PASSWORD) }, from())
          assert.deepEqual(answer, { ok: false, reason: 'busy', retryAfter: 3 })
        }
      }
      assert.deepEqual(new Set(f.takeEvents()), new Set(['authn_shed']))
      for (let i = 0; i < 5; i++) assert.equal(reason(await f.signIn('bob', { password: OTHER_PASSWORD })), 'denied')
    })

    it('hashes again when the parameters change, once', async () => {
      const f = await fixture(open)
      const user = await f.user('bob')
      const stored = async () =>
        (await f.database.kysely
          .selectFrom('hf_credentials')
          .selectAll()
          .where('user_id', '=', user.id)
          .executeTakeFirstOrThrow()) as {
          value: string
          version: number
        }
      const before = await stored()
      const stronger = f.twin({ hasher: createHasher(DEARER) })
      const once = await stronger.doors.password.signIn({ login: 'bob', password: new Secret(PASSWORD) }, from())
      assert.ok(once.ok)
      const after = await stored()
      assert.notEqual(after.value, before.value)
      assert.match(after.value, /m=16/)
      assert.equal(after.version, before.version)
      assert.ok((await stronger.doors.password.signIn({ login: 'bob', password: new Secret(PASSWORD) }, from())).ok)
      assert.equal((await stored()).value, after.value)
    })

    it('does not write the new hash over a password that was set meanwhile', async () => {
      const f = await fixture(open)
      const user = await f.user('bob')
      const inner = createHasher(DEARER)
      const slow = {
        ...inner,
        async hash(password: string | Secret) {
          await f.accounts.credentials.setPassword(user.id, new Secret(OTHER_PASSWORD), CLI)
          return await inner.hash(password)
        },
      }
      const { doors } = f.twin({ hasher: slow })
      assert.ok((await doors.password.signIn({ login: 'bob', password: new Secret(PASSWORD) }, from())).ok)
      assert.equal(reason(await f.signIn('bob', { password: PASSWORD })), 'denied')
      assert.equal(reason(await f.signIn('bob', { password: OTHER_PASSWORD })), 'ok')
    })

    it('proves again who a signed-in user is, under a new token; a wrong password leaves the session as it was', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const { token, session } = await f.session('bob')
      f.clock.now += 600_000
      const prove = (password: string, held = token.reveal()) =>
        f.accounts.doors.password.proveAgain({ token: held, password: new Secret(password) }, from())
      assert.equal(reason(await prove(OTHER_PASSWORD)), 'denied')
      assert.ok((await f.accounts.sessions.find(token.reveal(), f.clock.now)).ok)
      const proved = await prove(PASSWORD)
      assert.ok(proved.ok)
      assert.equal(proved.principal.provedAt, f.clock.now)
      assert.equal(proved.session.id, session.id)
      assert.equal(proved.session.expiresAt, session.expiresAt)
      assert.deepEqual(await f.accounts.sessions.find(token.reveal(), f.clock.now), { ok: false, reason: 'rotated' })
      assert.ok((await f.accounts.sessions.find(proved.token.reveal(), f.clock.now)).ok)
      assert.equal(reason(await prove(PASSWORD)), 'denied', 'the old token proves nothing')
    })

    it('guards proving again with the same limits', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const { token } = await f.session('bob')
      const guesses = await race(50, () =>
        f.accounts.doors.password.proveAgain({ token: token.reveal(), password: new Secret(OTHER_PASSWORD) }, from()),
      )
      assert.equal(guesses.filter((answer) => reason(answer) === 'denied').length, 5)
    })
  })
}

function reason(answer: Awaited<ReturnType<Fixture['signIn']>>): string {
  return answer.ok ? 'ok' : answer.reason
}
