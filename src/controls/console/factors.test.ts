import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { PASSWORD, testAccounts, type TestAccounts } from '../../../test/support/accounts.ts'
import { startControls, type FakeRequest, type Ran } from '../../../test/support/exchange.ts'
import { authenticatorOf, enrol, STEP } from '../../../test/support/second-factor.ts'
import type { AccountsDatabase } from '../../accounts/schema.ts'
import { Secret } from '../../crypto/secret.ts'
import { compileRoutes } from '../../engine/policy.ts'
import { authenticate } from '../authenticate/authenticate.ts'
import { body } from '../body/body.ts'
import { client } from '../client/client.ts'
import { csrf } from '../csrf/csrf.ts'
import { headers } from '../headers/headers.ts'
import { session } from '../session/session.ts'
import { target } from '../target/target.ts'
import { consolePages } from './console.ts'

const open: TestAccounts[] = []
after(() => Promise.all(open.map((accounts) => accounts.close())))

const FORM = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }
const FROM = { address: '192.0.2.7', network: '192.0.2.7', userAgent: 'test' }
const JSON_ONLY = { accept: 'application/json' }

async function start() {
  const world = await testAccounts()
  open.push(world)
  await world.addUser('ada')
  const list = [client, headers, target, body, session, csrf, authenticate, consolePages]
  const running = startControls(list, { console: { brand: 'Acme' } }, { ...world.surroundings, routes: compileRoutes([], [], 0) })
  const send = (request: FakeRequest) => running.run(request)
  const signedIn = await world.accounts.doors.password.signIn({ login: 'ada', password: new Secret(PASSWORD) }, FROM)
  assert.ok(signedIn.ok)
  return {
    ...world,
    token: signedIn.token.reveal(),
    get: (path: string, token?: string, more: Record<string, string> = {}) =>
      send({ target: path, headers: { ...more, ...(token && { cookie: `__Host-hf_sid=${token}` }) } }),
    post: (path: string, token: string | undefined, fields: Record<string, string> = {}, more: Record<string, string> = {}) =>
      send({
        method: 'POST',
        target: path,
        headers: { ...FORM, ...more, ...(token && { cookie: `__Host-hf_sid=${token}` }) },
        body: new URLSearchParams(fields).toString(),
      }),
    enrolled: async () => {
      const made = await enrol(world.accounts, signedIn.token.reveal(), () => world.clock.now)
      world.clock.now += STEP
      return made
    },
  }
}

const tokenOf = ({ cookies }: Ran) => /^__Host-hf_sid=([\w-]{43});/.exec(cookies[0]!)![1]!
const goesTo = ({ reply }: Ran, location: string) => assert.deepEqual([reply?.status, reply?.head?.['location']], [303, location])
const isDenied = ({ reply }: Ran, status: number, code: string) =>
  assert.deepEqual([reply?.status, reply?.denial?.code], [status, code])
const isPage = ({ reply }: Ran, status: number, words: RegExp) => {
  assert.equal(reply?.status, status, reply?.body)
  assert.match(reply.body!, words)
}
async function userOf(accounts: TestAccounts['accounts'], token: string, now: number) {
  const live = await accounts.sessions.find(token, now)
  assert.ok(live.ok)
  return live.principal
}
const keyOn = ({ reply }: Ran) => /<code>([A-Z2-7 ]+)<\/code>/.exec(reply!.body!)![1]!

describe('the page of second factors', () => {
  it('enrols an app: picture, key, code, and the recovery codes once', async () => {
    const { get, post, token, clock } = await start()
    isPage(await get('/account/factors', token), 200, /Authenticator app<\/b> <span class="badge warn">Off/)
    const shown = await get('/account/factors/totp?next=/notes', token)
    isPage(shown, 200, /<svg class="qr"[^>]* role="img"/)
    assert.equal(shown.head.get('cache-control'), 'no-store')
    const key = keyOn(shown)
    assert.equal(keyOn(await get('/account/factors/totp', token)), key, 'the same, when the page is loaded again')
    const code = authenticatorOf(key, () => clock.now)
    const made = await post('/account/factors/totp', token, { code: code(), next: '/notes' })
    isPage(made, 200, /href="\/notes">I have kept them/)
    assert.equal(made.head.get('cache-control'), 'no-store')
    assert.equal(made.reply!.body!.match(/<li>(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}<\/li>/g)!.length, 10)
    const now = tokenOf(made)
    const list = await get('/account/factors', now)
    isPage(list, 200, /badge ok">On<[^]*10 left/)
    assert.doesNotMatch(list.reply!.body!, new RegExp(key))
    isDenied(await get('/account/factors', token), 401, 'sign-in-required')
  })

  it('says what is wrong with a code, keeps the key, and changes nothing', async () => {
    const { get, post, token, clock, accounts } = await start()
    const key = keyOn(await get('/account/factors/totp', token))
    for (const code of ['', '000000', 'x'.repeat(10_000), '<script>']) {
      const ran = await post('/account/factors/totp', token, { code })
      isPage(ran, 422, /This is not the code of this key/)
      assert.equal(keyOn(ran), key)
      assert.doesNotMatch(ran.reply!.body!, /<script>|xxxx/)
    }
    assert.deepEqual((await accounts.factors.of((await userOf(accounts, token, clock.now)).id)).kinds, [])
  })

  it('shows a new key when the first one was there for too long', async () => {
    const { get, post, token, clock, accounts } = await start()
    const old = keyOn(await get('/account/factors/totp', token))
    clock.now += 500_000
    const again = await accounts.doors.password.proveAgain({ token, password: new Secret(PASSWORD) }, FROM)
    assert.ok(again.ok)
    clock.now += 400_001
    const late = await post('/account/factors/totp', again.token.reveal(), { code: authenticatorOf(old, () => clock.now)() })
    isPage(late, 422, /That took too long/)
    assert.notEqual(keyOn(late), old)
  })

  it('asks for a recent proof before anything changes, and comes back to the form', async () => {
    const { get, post, enrolled, token, clock } = await start()
    clock.now += 600_001
    isDenied(await get('/account/factors/totp', token), 401, 'recent-proof-required')
    goesTo(await post('/account/factors/totp', token, { code: '123456' }), '/login/again?next=%2Faccount%2Ffactors%2Ftotp')
    isDenied(await post('/account/factors/totp', token, {}, JSON_ONLY), 401, 'recent-proof-required')
    const app = await enrolled()
    clock.now += 600_001
    for (const path of ['/account/factors/totp/remove', '/account/factors/recovery-codes']) {
      isDenied(await get(path, app.token), 401, 'recent-proof-required')
      goesTo(await post(path, app.token), `/login/again?next=${encodeURIComponent(path)}`)
    }
    isPage(await get('/account/factors', app.token), 200, />On</)
  })

  it('lets a session of the password alone change nothing about a factor that is there', async () => {
    const { get, post, enrolled, database, clock } = await start()
    const app = await enrolled()
    // The gate issues no such session: it is made by force.
    await (database.kysely as AccountsDatabase['kysely'])
      .updateTable('hf_sessions')
      .set({ aal: 1, proofs: `password:pwd:${clock.now}` })
      .execute()
    for (const path of ['/account/factors/totp', '/account/factors/totp/remove', '/account/factors/recovery-codes']) {
      isDenied(await get(path, app.token), 403, 'stronger-proof-required')
      isDenied(await post(path, app.token), 403, 'stronger-proof-required')
    }
    isPage(await get('/account/factors', app.token), 200, />On<[^]*10 left/)
  })

  it('has nothing to remove or to renew where there is no factor', async () => {
    const { get, post, token } = await start()
    goesTo(await get('/account/factors/totp/remove', token), '/account/factors')
    goesTo(await post('/account/factors/totp/remove', token), '/account/factors')
    goesTo(await get('/account/factors/recovery-codes', token), '/account/factors')
    goesTo(await post('/account/factors/recovery-codes', token), '/account/factors')
    isDenied(await post('/account/factors/recovery-codes', token, {}, JSON_ONLY), 409, 'no-second-factor')
  })

  it('removes it after asking, and makes new recovery codes after asking', async () => {
    const { get, post, enrolled } = await start()
    const app = await enrolled()
    isPage(await get('/account/factors/recovery-codes', app.token), 200, /will let nobody in any more/)
    const codes = await post('/account/factors/recovery-codes', app.token)
    isPage(codes, 200, /Your recovery codes/)
    assert.ok(!app.recoveryCodes.some((code) => codes.reply!.body!.includes(code)))
    isPage(await get('/account/factors/totp/remove', app.token), 200, /Remove the authenticator app\?/)
    goesTo(await post('/account/factors/totp/remove', app.token), '/account/factors')
    isPage(await get('/account/factors', app.token), 200, />Off</)
  })

  it('speaks JSON with those who do', async () => {
    const { get, post, token, clock } = await start()
    const read = ({ reply }: Ran) => JSON.parse(reply!.body!) as Record<string, unknown>
    assert.deepEqual(read(await get('/account/factors', token, JSON_ONLY)), { kinds: [], recoveryCodesLeft: 0 })
    const draft = read(await get('/account/factors/totp', token, JSON_ONLY))
    assert.match(String(draft['uri']), /^otpauth:\/\/totp\/Acme:ada\?/)
    isDenied(await post('/account/factors/totp', token, { code: '1' }, JSON_ONLY), 422, 'enrolment-code')
    const code = authenticatorOf(String(draft['secret']), () => clock.now)
    const made = await post('/account/factors/totp', token, { code: code() }, JSON_ONLY)
    assert.equal((read(made)['recoveryCodes'] as string[]).length, 10)
    const now = tokenOf(made)
    clock.now += STEP
    isDenied(await post('/account/factors/totp', now, { code: '1' }, JSON_ONLY), 422, 'enrolment-expired')
    assert.deepEqual(read(await post('/account/factors/totp/remove', now, {}, JSON_ONLY)), { ok: true })
  })

  it('goes nowhere else afterwards, comes from no other site, and takes no other method', async () => {
    const { get, post, token, clock } = await start()
    const key = keyOn(await get('/account/factors/totp?next=//evil.example', token))
    const code = authenticatorOf(key, () => clock.now)
    isDenied(
      await post('/account/factors/totp', token, { code: code() }, { 'sec-fetch-site': 'cross-site' }),
      403,
      'csrf-refused',
    )
    isDenied(await post('/account/factors', token), 405, 'method-not-allowed')
    assert.equal((await get('/account/factors/nothing', token)).reply, undefined)
    isPage(
      await post('/account/factors/totp', token, { code: code(), next: '//evil.example' }),
      200,
      /href="\/account\/factors">I have/,
    )
  })
})
