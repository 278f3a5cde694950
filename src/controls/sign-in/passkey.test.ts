import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { PASSWORD, testAccounts, type TestAccounts } from '../../../test/support/accounts.ts'
import { softAuthenticator, type BroughtBackJson } from '../../../test/support/authenticator.ts'
import { startControls, type FakeRequest, type Ran } from '../../../test/support/exchange.ts'
import { loadWebAuthn, relyingParty, relyingPartyLater } from '../../accounts/index.ts'
import { createHoldfast } from '../../index.ts'
import { readSite } from '../../settings/site.ts'
import { Secret } from '../../crypto/secret.ts'
import { compileRoutes } from '../../engine/policy.ts'
import { authenticate } from '../authenticate/authenticate.ts'
import { body } from '../body/body.ts'
import { client } from '../client/client.ts'
import { consolePages } from '../console/console.ts'
import { csrf } from '../csrf/csrf.ts'
import { headers } from '../headers/headers.ts'
import { session } from '../session/session.ts'
import { target } from '../target/target.ts'
import { kitRoutes, partyOf, readSignInOptions, signIn } from './sign-in.ts'

const open: TestAccounts[] = []
after(() => Promise.all(open.map((accounts) => accounts.close())))

const ORIGIN = 'https://app.example'
const FROM = { address: '192.0.2.7', network: '192.0.2.7', userAgent: 'test' }
const FORM = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }
const JSON_BODY = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json', accept: 'application/json' }
const OPTIONS = { passkey: true } as const

async function start(options: { passkey?: boolean; mail?: boolean; signUp?: 'open' } = OPTIONS) {
  const party = relyingParty({ id: 'app.example', name: 'Acme', origin: ORIGIN }, await loadWebAuthn())
  const signUp = options.signUp && ({ mode: 'open', roles: ['member'], login: 'address' } as const)
  const world = await testAccounts({ letters: true, signUp, relyingParty: options.passkey === true ? party : undefined })
  open.push(world)
  await world.addUser('ada')
  const routes = compileRoutes([], kitRoutes(readSignInOptions(options)), world.clock.now)
  const list = [client, headers, target, body, session, csrf, authenticate, signIn, consolePages]
  const running = startControls(
    list,
    { signIn: options, console: { passkeys: options.passkey === true }, headers: { trustedTypes: 'enforce' } },
    { ...world.surroundings, routes },
  )
  const send = (request: FakeRequest) => running.run(request)
  const post = (path: string, value: object, cookie?: string) =>
    send({ method: 'POST', target: path, headers: { ...JSON_BODY, cookie }, body: JSON.stringify(value) })
  const form = (path: string, fields: Record<string, string>, cookie?: string) =>
    send({ method: 'POST', target: path, headers: { ...FORM, cookie }, body: new URLSearchParams(fields).toString() })
  const get = (path: string, cookie?: string) => send({ target: path, headers: { cookie } })
  const entered = await world.accounts.doors.password.signIn({ login: 'ada', password: new Secret(PASSWORD) }, FROM)
  assert.ok(entered.ok)
  const linkToken = () => new URL(world.takeLetters().at(-1)!.data['link']!).searchParams.get('token')!
  return { ...world, linkToken, send, post, form, get, cookie: `__Host-hf_sid=${entered.token.reveal()}` }
}

type World = Awaited<ReturnType<typeof start>>

const SID = /^__Host-hf_sid=([\w-]{43});/
const sessionOf = ({ cookies }: Ran) => cookies.find((line) => SID.test(line))?.split(';')[0]
const browserOf = ({ cookies }: Ran) => cookies.find((line) => line.startsWith('__Host-hf_passkey='))!.split(';')[0]!
const parsed = ({ reply }: Ran): unknown => JSON.parse(reply!.body!)
const askedOf = (ran: Ran) => parsed(ran) as Asked
const isDenied = ({ reply }: Ran, status: number, code: string) =>
  assert.deepEqual([reply?.status, reply?.denial?.code], [status, code])
interface Asked {
  readonly publicKey: Record<string, unknown>
}

/** Enrols over the pages' own addresses, as a program would. */
async function enrolled({ post, cookie }: World) {
  const authenticator = softAuthenticator({ origin: ORIGIN })
  const asked = await post('/account/factors/passkeys/options', { purpose: 'passkey' }, cookie)
  const response = authenticator.create(askedOf(asked))
  const made = await post('/account/factors/passkeys', { response, name: 'Telephone' }, cookie)
  const codes = (parsed(made) as { recoveryCodes: string[] }).recoveryCodes
  return { authenticator, codes, cookie: sessionOf(made)!, response }
}

describe('the way in by passkey', () => {
  it('is a button, the field of the name, and one script of our own with the nonce', async () => {
    const { get } = await start()
    const { reply, head } = await get('/login')
    const text = reply!.body!
    assert.match(text, /autocomplete="username webauthn"/)
    assert.match(text, /data-passkey="get" data-options="\/login\/passkey\/options" data-conditional=""/)
    const [, nonce, source] = /<script type="module" nonce="([\w-]+)" src="([^"]+)"><\/script>/.exec(text)!
    assert.match(head.get('content-security-policy')!, new RegExp(`script-src 'nonce-${nonce}' 'strict-dynamic'`))
    assert.match(head.get('content-security-policy')!, /require-trusted-types-for 'script'/)
    assert.equal(text.match(/<script/g)!.length, 1)
    const script = await get(source!)
    assert.equal(script.reply?.status, 200)
    assert.equal(script.reply?.head?.['content-type'], 'text/javascript; charset=utf-8')
    assert.equal(script.reply?.head?.['cache-control'], 'public, max-age=31536000, immutable')
    assert.doesNotMatch(script.reply!.body!, /innerHTML|eval|document\.write|https?:/)
  })

  it('lets one in as a program does: asks, answers, and goes on', async () => {
    const world = await start()
    const { authenticator } = await enrolled(world)
    const asked = await world.post('/login/passkey/options', {})
    assert.match(asked.cookies[0]!, /^__Host-hf_passkey=[\w-]{43}; Path=\/; Max-Age=300; Secure; HttpOnly; SameSite=Strict$/)
    assert.equal(asked.head.get('cache-control'), 'no-store')
    const response = authenticator.get(askedOf(asked))
    const entered = await world.post('/login/passkey', { response, next: '/notes' }, browserOf(asked))
    assert.deepEqual(parsed(entered), { ok: true, next: '/notes' })
    assert.ok(sessionOf(entered))
    assert.ok(
      entered.cookies.some((line) => line.startsWith('__Host-hf_passkey=;')),
      'the cookie goes',
    )
    const again = await world.post('/login/passkey', { response }, browserOf(asked))
    isDenied(again, 401, 'passkey-failed')
  })

  it('sends a browser on, and only to a page of ours', async () => {
    const world = await start()
    const { authenticator } = await enrolled(world)
    for (const [next, to] of [
      ['/notes?x=1', '/notes?x=1'],
      ['//evil.example', '/'],
      ['/login/passkey', '/'],
    ] as const) {
      const asked = await world.post('/login/passkey/options', {})
      const response = JSON.stringify(authenticator.get(askedOf(asked)))
      const { reply } = await world.form('/login/passkey', { response, next }, browserOf(asked))
      assert.deepEqual([reply?.status, reply?.head?.['location']], [303, to])
    }
    assert.equal((await world.get('/login/passkey?next=/notes')).reply?.head?.['location'], '/login?next=%2Fnotes')
    isDenied(await world.get('/login/passkey/options'), 405, 'method-not-allowed')
  })

  it('answers the same, byte for byte, for a passkey that nobody has and for one of a disabled user', async () => {
    const world = await start()
    const { authenticator } = await enrolled(world)
    const unknown = softAuthenticator({ origin: ORIGIN })
    unknown.create({ publicKey: { challenge: 'x', rp: { id: 'app.example' }, user: { id: 'x' } } })
    const seen: string[] = []
    const user = (await world.accounts.users.byLogin('ada'))!
    await world.accounts.users.disable(user.id, { kind: 'system', id: 'test' })
    for (const who of [unknown, authenticator]) {
      const asked = await world.post('/login/passkey/options', {})
      const response = JSON.stringify(who.get(askedOf(asked)))
      const { reply, cookies } = await world.form('/login/passkey', { response }, browserOf(asked))
      seen.push(JSON.stringify([reply!.status, reply!.head, reply!.body!.replaceAll(/nonce="[\w-]+"/g, ''), cookies]))
    }
    assert.equal(seen[0], seen[1])
    assert.match(seen[0]!, /This passkey did not let you in/)
  })

  it('takes nothing for an answer that is none', async () => {
    const { post, form } = await start()
    for (const value of [{}, { response: null }, { response: 'not json' }, { response: '{'.repeat(100) }, { response: [] }, []]) {
      isDenied(await post('/login/passkey', value), 401, 'passkey-failed')
    }
    assert.equal((await form('/login/passkey', { response: '' })).reply?.status, 401)
  })

  it('is not there at all while passkeys are off', async () => {
    const { get, post, cookie } = await start({})
    const page = await get('/login')
    assert.doesNotMatch(page.reply!.body!, /script|webauthn|passkey/)
    for (const path of ['/login/passkey/options', '/login/passkey', '/login/factor/passkey']) {
      assert.equal((await post(path, {}, cookie)).reply, undefined, 'nothing of ours answers')
    }
    const list = (await get('/account/factors', cookie)).reply!.body!
    assert.doesNotMatch(list, /[Pp]asskey/)
  })
})

describe('passkeys as the second step', () => {
  it('are asked for after the password and at the proof for a route', async () => {
    const world = await start()
    const { authenticator, cookie } = await enrolled(world)
    const first = await world.post('/login', { login: 'ada', password: PASSWORD })
    isDeniedJson(first, 'second-factor-required')
    const waiting = first.cookies.find((line) => line.startsWith('__Host-hf_pending='))!.split(';')[0]!
    const page = (await world.get('/login/factor', waiting)).reply!.body!
    assert.match(page, /Now your passkey or security key/)
    assert.match(page, /data-options="\/login\/factor\/passkey\/options"/)
    for (const [who, path] of [
      [waiting, '/login/factor/passkey'],
      [cookie, '/login/factor/passkey'],
    ] as const) {
      const asked = await world.post(`${path}/options`, {}, who)
      const response = authenticator.get(askedOf(asked))
      const done = await world.post(path, { response }, who)
      assert.equal(done.reply?.status, 200, done.reply?.body)
      assert.ok(sessionOf(done))
    }
    isDenied(await world.post('/login/factor/passkey/options', {}), 404, 'no-passkey')
    isDenied(await world.post('/login/factor/passkey', { response: {} }), 401, 'sign-in-expired')
  })
})

function isDeniedJson({ reply }: Ran, code: string): void {
  assert.equal((JSON.parse(reply!.body!) as { code: string }).code, code)
}

describe('the page of passkeys', () => {
  it('adds, lists, names and removes them, also for programs', async () => {
    const world = await start()
    const { codes, cookie, response } = await enrolled(world)
    assert.equal(codes.length, 10)
    const { passkeys } = parsed(await listed(world, cookie)) as { passkeys: { id: string; name: string }[] }
    const [one] = passkeys
    assert.equal(one!.name, 'Telephone')
    const page = await world.get(`/account/factors/passkeys/one?passkey=${one!.id}`, cookie)
    assert.match(page.reply!.body!, /Passkey, on one device/)
    isDenied(await world.post('/account/factors/passkeys', { response }, cookie), 422, 'enrolment-refused')
    const renamed = await world.post('/account/factors/passkeys/rename', { passkey: one!.id, name: 'Old one' }, cookie)
    assert.deepEqual(parsed(renamed), { ok: true })
    isDenied(await world.post('/account/factors/passkeys/rename', { passkey: one!.id, name: '' }, cookie), 422, 'name-invalid')
    for (const act of ['rename', 'remove'])
      isDenied(
        await world.post(`/account/factors/passkeys/${act}`, { passkey: 'A'.repeat(22), name: 'x' }, cookie),
        404,
        'not-found',
      )
    assert.deepEqual(parsed(await world.post('/account/factors/passkeys/remove', { passkey: one!.id }, cookie)), { ok: true })
  })

  it('asks for a recent proof, and for the stronger one of who has a factor (L22)', async () => {
    const world = await start()
    world.clock.now += 601_000
    const asking = () => world.post('/account/factors/passkeys/options', {}, world.cookie)
    isDenied(await asking(), 401, 'recent-proof-required')
    isDenied(await world.get('/account/factors/passkeys', world.cookie), 401, 'recent-proof-required')
    for (const act of ['rename', 'remove'])
      isDenied(await world.post(`/account/factors/passkeys/${act}`, {}, world.cookie), 401, 'recent-proof-required')
  })

  it('tells a browser to forget what was made and refused, and never what is in the list', async () => {
    const world = await start()
    const { cookie, response } = await enrolled(world)
    const send = (one: BroughtBackJson) =>
      world.form('/account/factors/passkeys', { response: JSON.stringify(one), name: 'x' }, cookie)
    const known = await send(response)
    assert.equal(known.reply?.status, 422)
    assert.doesNotMatch(known.reply!.body!, /data-passkey-unknown/)
    const stray = softAuthenticator({ origin: ORIGIN }).create({
      publicKey: { challenge: 'x', rp: { id: 'app.example' }, user: { id: 'x' } },
    })
    const refused = await send(stray)
    assert.match(refused.reply!.body!, new RegExp(`data-passkey-unknown="[^"]*${stray.id}`))
  })
})

async function listed(world: World, cookie: string): Promise<Ran> {
  return await world.send({ target: '/account/factors', headers: { cookie, accept: 'application/json' } })
}

describe('the sign-up with a passkey', () => {
  it('is a page of the link that uses nothing up, and makes the account with recovery codes', async () => {
    const world = await start({ ...OPTIONS, mail: true, signUp: 'open' })
    await world.post('/sign-up', { address: 'mira@example.org' })
    const token = world.linkToken()
    const page = (await world.get(`/sign-up/finish?token=${token}`)).reply!.body!
    assert.match(page, new RegExp(`href="/sign-up/finish/passkey\\?token=${token}"`))
    const form = (await world.get(`/sign-up/finish/passkey?token=${token}`)).reply!.body!
    assert.match(form, /data-passkey="create" data-options="\/sign-up\/finish\/passkey\/options"/)
    assert.doesNotMatch(form, /type="password"/)
    const asked = await world.post('/sign-up/finish/passkey/options', { token })
    const response = softAuthenticator({ origin: ORIGIN }).create(askedOf(asked))
    const wrong = await world.form('/sign-up/finish', { token, displayName: 'Mira', response: '{}' })
    assert.equal(wrong.reply?.status, 422)
    assert.match(wrong.reply!.body!, /The passkey was not accepted/)
    const made = await world.form('/sign-up/finish', { token, displayName: 'Mira', response: JSON.stringify(response) })
    assert.equal(made.reply?.status, 200, made.reply?.body)
    assert.match(made.reply!.body!, /Your recovery codes/)
    assert.ok(sessionOf(made))
    isDenied(await world.post('/sign-up/finish/passkey/options', { token }), 410, 'link-over')
  })
})

describe('the options of passkeys', () => {
  const party = (origin: string, rpId?: string) => partyOf(readSite(origin), { rpId }, 'Acme')

  it('take the host of the origin, or a domain above it', () => {
    assert.deepEqual(party('https://www.app.example'), { id: 'www.app.example', name: 'Acme', origin: 'https://www.app.example' })
    assert.equal(party('https://www.app.example', 'app.example').id, 'app.example')
    assert.equal(party('http://localhost:3000').id, 'localhost')
  })

  it('refuse what browsers would refuse, before anybody has a passkey', () => {
    for (const [origin, rpId] of [
      ['http://127.0.0.1:3000', undefined],
      ['https://[::1]', undefined],
      ['https://app.example', 'example'],
      ['https://app.example', 'pp.example'],
      ['https://app.example', 'other.example'],
      ['https://app.example', 'www.app.example'],
      ['https://app.example', 'App.example'],
      ['https://app.example', ''],
    ] as const)
      assert.throws(() => party(origin, rpId), { code: 'HF_OPTION_INVALID' }, `${origin} ${rpId}`)
    for (const passkey of [1, 'yes', null, { rpId: 7 }, { attestation: 'direct' }, { rpid: 'x' }] as never[])
      assert.throws(() => readSignInOptions({ passkey }), { code: /^HF_OPTION_/ })
  })

  it('say which package is missing, and how to get it', async () => {
    await assert.rejects(
      loadWebAuthn(() => Promise.reject(new Error('Cannot find package'))),
      {
        code: 'HF_OPTION_INVALID',
        message: /"@simplewebauthn\/server" is not installed\. Run: npm install @simplewebauthn\/server/,
      },
    )
    const gone = () => {
      throw new Error('Cannot find package')
    }
    const party = { id: 'app.example', name: 'Acme', origin: ORIGIN }
    assert.throws(() => relyingPartyLater(party, gone), { code: 'HF_OPTION_INVALID', message: /is not installed/ })
    assert.equal(relyingPartyLater(party).id, 'app.example')
  })

  it('end a start with an address of numbers', async () => {
    const origin = 'http://127.0.0.1:3000'
    const starting = createHoldfast({ origin, mode: 'test', database: ':memory:', log: 'silent', signIn: { passkey: true } })
    await assert.rejects(starting, { code: 'HF_OPTION_INVALID', message: /Passkeys are bound to a name/ })
  })
})
