/** A form that was refused until a proof: kept, shown to its sender after the proof, and sent by them, under every framework. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ADAPTERS, PASSWORD, startApp, type Response, type TestApp, type TestAppOptions } from './support/app.ts'
import { cookieOf, crossSite, sameOrigin, whoIs } from './support/browser.ts'
import { KEYS } from './support/keys.ts'
import { fieldsIn, keepNote, proveAgain, RECENT_EVERYWHERE, waitingFor } from './support/kept-forms.ts'
import { respond } from './support/responding.ts'
import { freshPostgres, postgresUrl } from './support/services.ts'
import { codeStep, passwordStep, withAuthenticator } from './support/second-factor-browser.ts'

const server = await postgresUrl()

const LIKE_TODAY = /<a class="btn" href="\/login\/again">Confirm it is you<\/a>/

const get = (app: TestApp, path: string, cookie: string, headers: Record<string, string> = {}) =>
  app.fetch(path, { headers: { cookie, accept: 'text/html', ...headers } })
const post = (app: TestApp, path: string, cookie: string, body: string, headers: Record<string, string> = {}) =>
  app.fetch(path, { method: 'POST', headers: { ...sameOrigin(app, cookie), ...headers }, body })
const formOf = (fields: ReturnType<typeof fieldsIn>) => fields.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
const isOver = ({ status, text }: Response) => {
  assert.equal(status, 410)
  assert.match(text, /This is over/)
  assert.doesNotMatch(text, /walrus|Send it now/)
}

/** Somebody with an authenticator app whose proof is too old for `/notes`. */
async function withOldProof(app: TestApp) {
  const { token, code, userId } = await withAuthenticator(app)
  app.clock.advance(330_000)
  return { cookie: `hf_sid_localhost=${token}`, code, userId }
}

/** Names and values of what is kept from now on. */
function keptBy(app: TestApp): string[] {
  const kept: string[] = []
  const { once } = app.holdfast.forms
  const put = once.put.bind(once)
  Object.assign(once, {
    put(...given: Parameters<typeof put>) {
      if (given[0].startsWith('kept-form')) kept.push(given[0], given[1])
      return put(...given)
    },
  })
  return kept
}

async function start(adapter: TestAppOptions['adapter'] = 'node', options: TestAppOptions['options'] = {}) {
  const app = await startApp({ adapter, options: { ...RECENT_EVERYWHERE, ...options } })
  return { app, ...(await withOldProof(app)), [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

describe('a form that is refused until a newer proof', () => {
  for (const adapter of ADAPTERS) {
    it(`waits, is shown after the proof, and does its work when its sender says so, under ${adapter}`, async () => {
      await using world = await start(adapter)
      const { app, cookie, code } = world
      const refused = await post(app, '/notes?list=2', cookie, 'text=a+walrus&_csrf=old')
      assert.equal(refused.status, 303)
      const way = waitingFor(refused)
      assert.match(way, /^\/login\/resume\?id=[\w-]{22}$/)
      const proved = await proveAgain(app, cookie, refused, code())
      assert.equal(proved.headers.location, way)
      const mine = cookieOf(proved)!
      const page = await get(app, way, mine)
      assert.equal(page.status, 200)
      assert.equal(page.headers['cache-control'], 'no-store')
      assert.match(page.text, /POST \/notes\?list=2[^]*one field, as you filled them in/)
      assert.match(page.text, /<form method="post" action="\/notes\?list=2">/)
      assert.deepEqual(app.state.notes, [], 'nothing is sent by itself')
      const fields = fieldsIn(page)
      assert.deepEqual(
        fields.map(([name]) => name),
        ['_csrf', 'text'],
      )
      assert.notEqual(fields[0]![1], 'old')
      assert.equal((await post(app, '/notes?list=2', mine, formOf(fields))).status, 200)
      assert.deepEqual(app.state.notes, ['a walrus'])
    })
  }

  it('waits, too, where the route itself asks, and where a policy does in the handler', async () => {
    for (const path of ['/step-up', '/step-up/policy']) {
      for (const adapter of ADAPTERS) {
        await using world = await start(adapter, { authorize: {} })
        const { app, cookie, code } = world
        const refused = await post(app, path, cookie, 'text=a+walrus')
        assert.match(waitingFor(refused), /^\/login\/resume\?id=/, `${path} under ${adapter}`)
        const proved = await proveAgain(app, cookie, refused, code())
        const page = await get(app, waitingFor(refused), cookieOf(proved)!)
        const again = await post(app, path, cookieOf(proved)!, formOf(fieldsIn(page)))
        assert.deepEqual([again.status, app.state.notes], [200, ['a walrus']])
      }
    }
  })

  it('waits in PostgreSQL, too', { skip: 'skip' in server && server.skip }, async () => {
    const database = await freshPostgres()
    try {
      await using world = await start('node', { database })
      const { app, cookie, code } = world
      const refused = await post(app, '/notes', cookie, 'text=a+walrus')
      const proved = cookieOf(await proveAgain(app, cookie, refused, code()))!
      const answers = await Promise.all(Array.from({ length: 5 }, () => get(app, waitingFor(refused), proved)))
      assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 410, 410, 410, 410])
    } finally {
      await database.close()
    }
  })

  it('waits for the password of who has no second factor', async () => {
    await using app = await startApp({ options: RECENT_EVERYWHERE })
    const { cookie } = await app.signIn('member', 'bob')
    app.clock.advance(330_000)
    const way = await keepNote(app, cookie)
    const proved = await post(
      app,
      '/login/again',
      cookie,
      formOf([
        ['password', PASSWORD],
        ['next', way],
      ]),
    )
    assert.equal(proved.headers.location, way)
    assert.match((await get(app, way, cookieOf(proved)!)).text, /value="a walrus"/)
  })

  it('goes through every control when it is sent again: the token of its page, and what the route asks', async () => {
    await using world = await start()
    const { app, cookie, code } = world
    const refused = await post(app, '/notes', cookie, 'text=a+walrus')
    const proved = cookieOf(await proveAgain(app, cookie, refused, code()))!
    const page = await get(app, waitingFor(refused), proved)
    const [, token] = fieldsIn(page).find(([name]) => name === '_csrf')!
    const old = { cookie: proved, 'content-type': 'application/x-www-form-urlencoded' }
    assert.equal((await app.fetch('/notes', { method: 'POST', headers: old, body: 'text=no' })).status, 403)
    app.clock.advance(330_000)
    assert.equal((await post(app, '/notes', proved, `text=no&_csrf=${token}`)).status, 303, 'the proof is too old again')
    assert.deepEqual(app.state.notes, [])
  })

  it('keeps fields in their order, those of one name too, and gives hostile values back as text', async () => {
    await using world = await start()
    const { app, cookie } = world
    const sent: [string, string][] = [
      ['?b', 'first'],
      ['to', 'Mira'],
      ['text', `"><script>alert(1)</script><input name="x" value='`],
      ['to', ' Åse & Söhne '],
      ['2', '&quot;&#39;</form>'],
      ['1', ''],
      ['lines', 'one\r\ntwo'],
      ['"><img src=x onerror=alert(1)>', '${1}{{2}}'],
    ]
    const page = await get(app, await keepNote(app, cookie, new URLSearchParams(sent).toString().replace('%3F', '?')), cookie)
    assert.doesNotMatch(page.text, /<script>alert|<img|<\/form>[^]*<\/form>/)
    assert.deepEqual(
      fieldsIn(page).filter(([name]) => name !== '_csrf'),
      sent,
    )
    assert.match(page.text, /8 fields/)
  })
})

describe('what was kept', () => {
  it('is over after one use, and one of many who ask at once gets it', async () => {
    await using world = await start()
    const { app, cookie } = world
    const way = await keepNote(app, cookie)
    assert.equal((await app.fetch(way, { method: 'HEAD', headers: { cookie, accept: 'text/html' } })).status, 200)
    const answers = await Promise.all(Array.from({ length: 10 }, () => get(app, way, cookie)))
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, ...Array.from({ length: 9 }, () => 410)])
    isOver(await get(app, way, cookie))
  })

  it('is over for another session of its user and for another user, who cannot use it up either', async () => {
    await using world = await start()
    const { app, cookie, code } = world
    const way = await keepNote(app, cookie)
    const elsewhere = (await codeStep(app, (await passwordStep(app)).waiting, code())).cookie!
    assert.equal(await whoIs(app, elsewhere), 'victim')
    isOver(await get(app, way, elsewhere))
    isOver(await get(app, way, (await app.signIn('member', 'mallory')).cookie))
    assert.equal((await get(app, way, cookie)).status, 200)
  })

  it('is over after ten minutes, and where there never was one; programs are told so', async () => {
    await using world = await start()
    const { app, cookie } = world
    const way = await keepNote(app, cookie)
    isOver(await get(app, `${way}x`, cookie))
    isOver(await get(app, '/login/resume', cookie))
    const program = await app.fetch('/login/resume?id=x', { headers: { cookie, accept: 'application/json' } })
    assert.deepEqual([program.status, (JSON.parse(program.text) as { code: string }).code], [410, 'link-over'])
    app.clock.advance(599_000)
    const late = await keepNote(app, cookie)
    app.clock.advance(1001)
    isOver(await get(app, way, cookie))
    assert.equal((await get(app, late, cookie)).status, 200)
  })

  it('is not there for somebody who is not signed in, nor to be sent to', async () => {
    await using world = await start()
    const { app, cookie } = world
    const way = await keepNote(app, cookie)
    assert.equal((await get(app, way, 'a=b')).headers.location, `/login?next=${encodeURIComponent(way)}`)
    assert.equal((await post(app, way, cookie, 'text=x')).status, 405)
  })

  it('lies sealed in the store, under a name that is not the id', async () => {
    await using world = await start()
    const { app, cookie } = world
    const kept = keptBy(app)
    const way = await keepNote(app, cookie, 'text=a+walrus')
    assert.equal(kept.length, 2)
    assert.doesNotMatch(kept.join(' '), new RegExp(`walrus|notes|${way.split('=')[1]}`))
  })
})

describe('what is not kept', () => {
  for (const [title, body] of [
    ['a password', 'text=x&newPassword=y'],
    ['a secret', 'client_secret=y'],
    ['a token', 'api.token=y'],
    ['a code', 'text=x&smscode=123456'],
    ['a one-time code', 'otp=123456'],
    ['a PIN', 'text=x&PIN=1234'],
    ['a card', 'card-number=4111111111111111'],
    ['a check of a card', 'cardCVC=123'],
    ['more than 16 KiB', `text=${'x'.repeat(16 * 1024)}`],
  ] as const) {
    it(`is a form with ${title}: it is refused as before`, async () => {
      await using world = await start()
      const { app, cookie } = world
      const { status, text } = await post(app, '/notes', cookie, body)
      assert.equal(status, 401)
      assert.match(text, LIKE_TODAY)
    })
  }

  it('is not a field that only sounds like one', async () => {
    await using world = await start()
    const { app, cookie } = world
    assert.match(await keepNote(app, cookie, 'shippingAddress=x&encoding=y&author=z&scope=k'), /^\/login\/resume/)
  })

  it('is a secret in the query of the address', async () => {
    await using world = await start()
    const { app, cookie } = world
    assert.match((await post(app, '/notes?token=abc', cookie, 'text=x')).text, LIKE_TODAY)
  })

  it('is what programs send, JSON, and what comes with files', async () => {
    await using world = await start()
    const { app, cookie } = world
    const kept = keptBy(app)
    const program = await post(app, '/notes', cookie, 'text=x', { accept: 'application/json' })
    assert.deepEqual([program.status, (JSON.parse(program.text) as { code: string }).code], [401, 'recent-proof-required'])
    assert.equal((await post(app, '/notes', cookie, '{"text":"x"}', { 'content-type': 'application/json' })).status, 401)
    const parts = '--b\r\ncontent-disposition: form-data; name="text"\r\n\r\nx\r\n--b--\r\n'
    assert.equal((await post(app, '/notes', cookie, parts, { 'content-type': 'multipart/form-data; boundary=b' })).status, 401)
    assert.deepEqual(kept, [])
  })

  it('is a form that is refused for anything else', async () => {
    await using world = await start('node', { authorize: { everywhere: { role: 'admin' } } })
    const { app, cookie } = world
    const kept = keptBy(app)
    assert.equal((await post(app, '/notes', cookie, 'text=x')).status, 403)
    assert.deepEqual(kept, [])
  })

  it('is a form of the kit itself', async () => {
    await using world = await start('node', { ...KEYS, authorize: {} })
    const { app, cookie } = world
    app.clock.advance(660_000)
    const { status, text } = await post(app, '/account/keys/create', cookie, 'name=x')
    assert.equal(status, 401)
    assert.match(text, LIKE_TODAY)
  })

  it('is a form of another site, whose sender never meant it', async () => {
    await using world = await start()
    const { app, cookie, userId } = world
    // This refusal comes before anybody asked where the form is from.
    await respond(app, 'require-step-up', { kind: 'user', value: userId })
    const headers = { ...crossSite(cookie), accept: 'text/html' }
    const { status, text } = await app.fetch('/notes', { method: 'POST', headers, body: 'text=x' })
    assert.equal(status, 401)
    assert.match(text, LIKE_TODAY)
  })

  it('is a form to a route that asks nobody where it is from', async () => {
    const insecureWithoutCsrf = { reason: 'the sender signs its bodies', until: '2099-12-31' }
    await using world = await start('node', { routes: [{ path: 'POST /notes', insecureWithoutCsrf }] })
    const { app, cookie } = world
    assert.match((await post(app, '/notes', cookie, 'text=x')).text, LIKE_TODAY)
  })

  it('is what somebody sends who acts as another', async () => {
    await using app = await startApp({ options: { ...RECENT_EVERYWHERE, impersonation: { write: true } } })
    const [root, bob] = [await app.signIn('admin', 'root'), await app.signIn('member', 'bob')]
    const begun = await post(app, '/account/impersonation/start', root.cookie, `user=${bob.userId}&reason=Ticket`)
    app.clock.advance(330_000)
    const { status, text } = await post(app, '/notes', cookieOf(begun)!, 'text=x')
    assert.equal(status, 401)
    assert.match(text, LIKE_TODAY)
  })

  it('is a sixth form of a session in ten minutes', async () => {
    await using world = await start()
    const { app, cookie } = world
    for (let kept = 0; kept < 5; kept++) await keepNote(app, cookie)
    assert.match((await post(app, '/notes', cookie, 'text=x')).text, LIKE_TODAY)
    app.clock.advance(600_001)
    await keepNote(app, cookie)
  })

  it('is anything while the store is gone: the refusal stands', async () => {
    await using world = await start()
    const { app, cookie } = world
    const { once } = app.holdfast.forms
    const { put } = once
    Object.assign(once, { put: () => Promise.reject(new Error('gone')) })
    const { status, text } = await post(app, '/notes', cookie, 'text=x')
    Object.assign(once, { put })
    assert.equal(status, 401)
    assert.match(text, LIKE_TODAY)
    assert.equal(app.faults.length, 1)
  })
})
