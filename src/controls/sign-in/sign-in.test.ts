import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { PASSWORD, testAccounts, type TestAccounts } from '../../../test/support/accounts.ts'
import { startControls, type FakeRequest, type Ran } from '../../../test/support/exchange.ts'
import { Principal } from '../../engine/facts.ts'
import { compileRoutes } from '../../engine/policy.ts'
import { authenticate } from '../authenticate/authenticate.ts'
import { body } from '../body/body.ts'
import { client } from '../client/client.ts'
import { csrf } from '../csrf/csrf.ts'
import { headers } from '../headers/headers.ts'
import { session } from '../session/session.ts'
import { target } from '../target/target.ts'
import { kitRoutes, readSignInOptions, signIn, type SignInInput } from './sign-in.ts'

const open: TestAccounts[] = []
after(() => Promise.all(open.map((accounts) => accounts.close())))

async function start(options: SignInInput = {}, users: readonly string[] = ['ada']) {
  const world = await testAccounts()
  open.push(world)
  for (const user of users) await world.addUser(user)
  const routes = compileRoutes([], kitRoutes(readSignInOptions(options)), world.clock.now)
  const list = [client, headers, target, body, session, csrf, authenticate, signIn]
  const running = startControls(list, { signIn: options }, { ...world.surroundings, routes })
  const send = (request: FakeRequest) => running.run(request)
  const get = (path: string, cookie?: string) => send({ target: path, headers: { cookie } })
  const post = (path: string, fields: Record<string, string>, cookie?: string, more: Record<string, string> = {}) =>
    send({
      method: 'POST',
      target: path,
      headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded', cookie, ...more },
      body: new URLSearchParams(fields).toString(),
    })
  const enter = (login = 'ada') => post('/login', { login, password: PASSWORD })
  return { ...world, send, get, post, enter, cookie: async () => cookieOf(await enter()) }
}

const cookieOf = ({ cookies }: Ran) => cookies.at(-1)!.split(';')[0]!
const isPage = ({ reply }: Ran, status: number) => {
  assert.equal(reply?.status, status, reply?.body)
  assert.equal(reply.head?.['content-type'], 'text/html; charset=utf-8')
}
const goesTo = ({ reply }: Ran, location: string) => assert.deepEqual([reply?.status, reply?.head?.['location']], [303, location])
const isDenied = ({ reply }: Ran, status: number, code: string) =>
  assert.deepEqual([reply?.status, reply?.denial?.code], [status, code])

describe('sign-in', () => {
  it('shows a page whose form comes back here, made for one reader', async () => {
    const { get } = await start()
    const ran = await get('/login?next=/notes?id=1')
    isPage(ran, 200)
    assert.match(ran.reply!.body!, /<form class="stack" method="post" action="\/login">/)
    assert.match(ran.reply!.body!, /<input type="hidden" name="next" value="\/notes\?id=1" ?\/?>/)
    assert.equal(ran.head.get('cache-control'), 'no-store')
    assert.deepEqual(ran.cookies, [])
  })

  it('gives a session for name and password, and goes on to a path of ours', async () => {
    const { post, get } = await start({ afterSignIn: '/dashboard' })
    const ran = await post('/login', { login: ' ADA ', password: PASSWORD, next: '/notes?id=1' })
    goesTo(ran, '/notes?id=1')
    const [known, session] = ran.cookies.toSorted()
    assert.match(session!, /^__Host-hf_sid=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/)
    assert.match(known!, /^__Host-hf_known=[\w.-]{80,120}; Path=\/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax$/)
    goesTo(await post('/login', { login: 'ada', password: PASSWORD }), '/dashboard')
    const cookie = cookieOf(ran)
    goesTo(await get('/login', cookie), '/dashboard')
    assert.equal((await get('/notes', cookie)).reply, undefined)
  })

  const elsewhere = [
    ...[
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      '/.//evil.example',
      'javascript:alert(1)',
      '/%2f/evil.example',
    ],
    ...['/a\r\nset-cookie: x=y', '/login', '/login?next=/x', '/login/again', '/logout', '/setup', ''],
  ]
  for (const next of elsewhere) {
    it(`does not go on to ${JSON.stringify(next)} (A98)`, async () => {
      const { post, get } = await start()
      goesTo(await post('/login', { login: 'ada', password: PASSWORD, next }), '/')
      assert.doesNotMatch((await get(`/login?next=${encodeURIComponent(next)}`)).reply!.body!, /name="next"/)
    })
  }

  it('answers the same bytes to an unknown name, a wrong password and a disabled account (A104)', async () => {
    const { post, accounts, addUser } = await start({}, ['ada', 'bob'])
    const { id } = await addUser('eve')
    await accounts.users.disable(id, { kind: 'system', id: 'test' })
    const answers = []
    for (const [login, password] of [
      ['nobody', PASSWORD],
      ['ada', 'a walrus sings at five'],
      ['eve', PASSWORD],
    ] as const) {
      const ran = await post('/login', { login, password })
      isPage(ran, 401)
      assert.deepEqual(ran.cookies, [])
      assert.doesNotMatch(ran.reply!.body!, new RegExp(password))
      answers.push(ran.reply!.body!.replace(/nonce="[^"]+"/, 'nonce=""').replace(`value="${login}"`, 'value=""'))
    }
    assert.equal(new Set(answers).size, 1)
  })

  it('gives back what was typed as name, escaped, and never a password', async () => {
    const { post } = await start()
    const { reply } = await post('/login', { login: '"><script>alert(1)</script>', password: 'my secret words' })
    assert.match(reply!.body!, /value="&quot;&gt;&lt;script&gt;/)
    assert.doesNotMatch(reply!.body!, /my secret words|<script>alert/)
  })

  it('ends the session that the browser had before (A91)', async () => {
    const { post, get, cookie } = await start()
    const before = await cookie()
    const ran = await post('/login', { login: 'ada', password: PASSWORD }, before)
    assert.notEqual(cookieOf(ran), before)
    isDenied(await get('/notes', before), 401, 'sign-in-required')
    assert.equal((await get('/notes', cookieOf(ran))).reply, undefined)
  })

  it('speaks JSON with those who do', async () => {
    const { send } = await start()
    const ask = (value: unknown) =>
      send({ method: 'POST', target: '/login', headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })
    const ok = await ask({ login: 'ada', password: PASSWORD, next: '/notes' })
    assert.equal(ok.reply?.status, 200)
    assert.deepEqual(JSON.parse(ok.reply.body!), { ok: true, next: '/notes' })
    assert.deepEqual(ok.cookies.map((line) => line.split('=')[0]).toSorted(), ['__Host-hf_known', '__Host-hf_sid'])
    isDenied(await ask({ login: 'ada', password: 'wrong' }), 401, 'sign-in-failed')
    for (const odd of [[], null, 'x', 1, {}, { login: ['ada'], password: { $ne: '' } }, { login: 'ada' }]) {
      isDenied(await ask(odd), 401, 'sign-in-failed')
    }
  })

  it('says when to come back after too many failures, on pages and in JSON', async () => {
    const { post, send } = await start()
    let ran = await post('/login', { login: 'ada', password: 'wrong' })
    for (let count = 0; count < 30 && ran.reply?.status === 401; count++)
      ran = await post('/login', { login: 'ada', password: 'wrong' })
    isPage(ran, 429)
    assert.match(ran.reply!.head!['retry-after']!, /^[1-9]\d*$/)
    assert.match(ran.reply!.body!, /Too many attempts\. Try again in/)
    const body = JSON.stringify({ login: 'ada', password: PASSWORD })
    const again = await send({ method: 'POST', target: '/login', headers: { 'content-type': 'application/json' }, body })
    isDenied(again, 429, 'too-many-attempts')
    assert.match(again.reply!.head!['retry-after']!, /^[1-9]\d*$/)
  })

  it('sheds with 503 when there is too much hashing', async () => {
    const { post, accounts } = await start()
    const door = accounts.doors.password as { signIn: unknown }
    door.signIn = () => Promise.resolve({ ok: false, reason: 'busy', retryAfter: 3 })
    const ran = await post('/login', { login: 'ada', password: PASSWORD })
    isPage(ran, 503)
    assert.equal(ran.reply!.head!['retry-after'], '3')
  })

  it('asks nobody about input that cannot be a name and a password', async () => {
    const { post, accounts, events } = await start()
    const door = accounts.doors.password as { signIn: unknown }
    door.signIn = () => assert.fail('accounts were asked')
    for (const [login, password] of [
      ['x'.repeat(255), PASSWORD],
      ['ada', 'x'.repeat(1025)],
      ['', PASSWORD],
      ['ada', ''],
    ] as const) {
      const ran = await post('/login', { login, password })
      isPage(ran, 401)
      assert.equal(ran.events[0]?.type, 'input_validation_fail')
    }
    assert.equal(events.filter(({ type }) => type.startsWith('authn')).length, 0)
  })

  it('takes GET, HEAD and POST, and leaves every other path alone', async () => {
    const { send, get } = await start()
    isPage(await send({ method: 'HEAD', target: '/login' }), 200)
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      // Not in the central table, so nobody gets past authenticate with it.
      isDenied(await send({ method, target: '/login', headers: { 'sec-fetch-site': 'same-origin' } }), 401, 'sign-in-required')
    }
    for (const path of ['/login/', '/Login', '/login/x', '/logoutx']) isDenied(await get(path), 401, 'sign-in-required')
  })

  it('refuses other methods to those who are signed in', async () => {
    const { send, cookie } = await start()
    const ran = await send({
      method: 'PUT',
      target: '/login',
      headers: { 'sec-fetch-site': 'same-origin', cookie: await cookie() },
    })
    isDenied(ran, 405, 'method-not-allowed')
    assert.equal(ran.reply?.head?.['allow'], 'GET, HEAD, POST')
  })

  it('stands behind csrf, at sign-in and at sign-out (A18)', async () => {
    const { post, get, cookie } = await start()
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    isDenied(await post('/login', { login: 'ada', password: PASSWORD }, undefined, foreign), 403, 'csrf-refused')
    const mine = await cookie()
    isDenied(await post('/logout', {}, mine, foreign), 403, 'csrf-refused')
    assert.equal((await get('/notes', mine)).reply, undefined)
  })
})

describe('sign-out', () => {
  it('asks first, and ends nothing by a mere link', async () => {
    const { get, cookie } = await start()
    const mine = await cookie()
    const ran = await get('/logout', mine)
    isPage(ran, 200)
    assert.match(
      ran.reply!.body!,
      /<form method="post" action="\/logout">\s*<input type="hidden" name="_csrf" value="[^"]+" ?\/?>/,
    )
    assert.match(ran.reply!.body!, /href="\/account\/sessions"/)
    assert.equal((await get('/notes', mine)).reply, undefined)
    goesTo(await get('/logout'), '/login')
  })

  it('ends the session on the server, deletes the cookie and lets the browser forget (A93)', async () => {
    const { get, post, cookie } = await start()
    const mine = await cookie()
    const ran = await post('/logout', {}, mine)
    goesTo(ran, '/login?signed-out')
    assert.match(ran.cookies[0]!, /^__Host-hf_sid=; Path=\/; Max-Age=0/)
    assert.equal(ran.head.get('clear-site-data'), '"cache", "cookies", "storage"')
    const replayed = await get('/notes', mine)
    isDenied(replayed, 401, 'sign-in-required')
    assert.equal(replayed.events[0]?.type, 'session_use_after_expire')
    assert.match((await get('/login?signed-out')).reply!.body!, /You are signed out/)
  })

  it('ends the other sessions only when asked to', async () => {
    const { get, post, cookie } = await start()
    const [phone, desk, office] = [await cookie(), await cookie(), await cookie()]
    await post('/logout', {}, phone)
    assert.equal((await get('/notes', desk)).reply, undefined)
    await post('/logout', { everywhere: '1' }, desk)
    isDenied(await get('/notes', office), 401, 'sign-in-required')
  })

  it('is harmless for those who are not signed in, and speaks JSON', async () => {
    const { post, cookie } = await start()
    goesTo(await post('/logout', {}), '/login?signed-out')
    const { reply } = await post('/logout', {}, await cookie(), { accept: 'application/json' })
    assert.deepEqual([reply?.status, reply?.body], [200, '{"ok":true}'])
  })
})

describe('proving again', () => {
  it('asks for the password of the one who is signed in, and gives a new token', async () => {
    const { get, post, cookie, clock, accounts } = await start()
    const mine = await cookie()
    const shown = await get('/login/again?next=/admin', mine)
    isPage(shown, 200)
    assert.match(shown.reply!.body!, /action="\/login\/again"/)
    assert.match(shown.reply!.body!, /value="ada"/)
    clock.now += 600_000
    const ran = await post('/login/again', { password: PASSWORD, next: '/admin' }, mine)
    goesTo(ran, '/admin')
    isDenied(await get('/notes', mine), 401, 'sign-in-required')
    const found = await accounts.sessions.find(cookieOf(ran).split('=')[1]!, clock.now)
    assert.equal(found.ok && found.principal.provedAt, clock.now)
  })

  it('keeps the session when the password is wrong, and says so', async () => {
    const { get, post, cookie } = await start()
    const mine = await cookie()
    const ran = await post('/login/again', { password: 'wrong' }, mine)
    isPage(ran, 401)
    assert.deepEqual(ran.cookies, [])
    isPage(await post('/login/again', { password: 'x'.repeat(1025) }, mine), 401)
    assert.equal((await get('/notes', mine)).reply, undefined)
  })

  it('is closed to those who are not signed in', async () => {
    const { get, post } = await start()
    isDenied(await get('/login/again'), 401, 'sign-in-required')
    isDenied(await post('/login/again', { password: PASSWORD }), 401, 'sign-in-required')
  })
})

describe('set-up', () => {
  const administrator = { login: 'mira', displayName: 'Mira', password: PASSWORD, passwordAgain: PASSWORD }

  it('is where sign-in leads while there is no user, and nowhere afterwards', async () => {
    const { get, post, accounts } = await start({}, [])
    goesTo(await get('/login'), '/setup')
    const shown = await get('/setup')
    isPage(shown, 200)
    assert.match(shown.reply!.body!, /action="\/setup"/)
    const code = await accounts.setUp.code()
    const made = await post('/setup', { ...administrator, address: 'mira@app.example', code: code! })
    goesTo(made, '/')
    assert.deepEqual((await accounts.users.byLogin('mira'))?.address, { text: 'mira@app.example', verified: false })
    assert.equal((await get('/notes', cookieOf(made))).x.get(Principal)?.roles[0], 'admin')
    isPage(await get('/login'), 200)
    isDenied(await get('/setup'), 404, 'not-found')
    isDenied(await post('/setup', { ...administrator, code: code! }), 404, 'not-found')
  })

  it('comes back with what is wrong at its field, without code and passwords', async () => {
    const { post, accounts } = await start({}, [])
    const code = (await accounts.setUp.code())!
    const cases: [Record<string, string>, string][] = [
      [{ code: 'AAAA-BBBB-CCCC' }, 'code'],
      [{ code: '' }, 'code'],
      [{ login: '' }, 'login'],
      [{ login: 'a b' }, 'login'],
      [{ displayName: 'x'.repeat(257) }, 'displayName'],
      [{ address: 'mira' }, 'address'],
      [{ password: 'short', passwordAgain: 'short' }, 'password'],
      [{ passwordAgain: 'a walrus sings at five' }, 'passwordAgain'],
    ]
    for (const [wrong, field] of cases) {
      const ran = await post('/setup', { ...administrator, code, ...wrong })
      isPage(ran, 422)
      assert.match(ran.reply!.body!, new RegExp(`id="${field}-error"`), field)
      assert.doesNotMatch(ran.reply!.body!, new RegExp(`${PASSWORD}|${code}`))
      assert.deepEqual(ran.cookies, [])
    }
    assert.equal(await accounts.setUp.open(), true)
  })

  it('lets nobody guess the code for long', async () => {
    const { post } = await start({}, [])
    let ran = await post('/setup', { ...administrator, code: 'AAAA-BBBB-CCCC' })
    for (let count = 0; count < 100 && ran.reply?.status === 422; count++) {
      ran = await post('/setup', { ...administrator, code: 'AAAA-BBBB-CCCC' })
    }
    isPage(ran, 429)
    assert.match(ran.reply!.head!['retry-after']!, /^[1-9]\d*$/)
  })
})

describe('sign-in options', () => {
  it('move the pages, and the central table with them', async () => {
    const { get, post } = await start({ path: '/enter', signOutPath: '/leave', setUpPath: '/first', brand: 'Acme' })
    const shown = await get('/enter')
    isPage(shown, 200)
    assert.match(shown.reply!.body!, /action="\/enter"/)
    assert.match(shown.reply!.body!, /Acme/)
    isDenied(await get('/login'), 401, 'sign-in-required')
    goesTo(await post('/leave', {}), '/enter?signed-out')
  })

  it('are nothing when the control is off', () => {
    assert.equal(readSignInOptions(false), undefined)
    assert.equal(readSignInOptions({ insecureOff: { reason: 'its own sign-in', until: '2099-01-01' } }), undefined)
    assert.deepEqual(kitRoutes(undefined), [])
  })

  it('refuse paths that could not be met', () => {
    for (const path of ['login', '/', '/login/', '//login', '/lo gin', '/login?x', '/%6cogin', '/a/../b', 7]) {
      assert.throws(() => readSignInOptions({ path: path as string }), /HF_OPTION_INVALID: signIn\.path/, String(path))
    }
    assert.throws(() => readSignInOptions({ signOutPath: '/login' }), /a path of its own/)
    assert.throws(() => readSignInOptions({ afterSignIn: 'https://evil.example' }), /afterSignIn/)
    assert.throws(() => readSignInOptions({ brand: '' }), /brand/)
    assert.throws(() => readSignInOptions({ paht: '/x' } as never), /Did you mean "path"/)
  })
})
