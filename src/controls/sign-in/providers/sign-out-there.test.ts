/** Signing out here goes on to the provider: to a real one, to one that lies, and past one that is away. */
import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { startApp, type TestApp } from '../../../../test/support/app.ts'
import { lyingProvider, realProvider, wanderer, type TestProvider, type Wanderer } from '../../../../test/support/provider.ts'
import { enrol, STEP } from '../../../../test/support/second-factor.ts'
import { race } from '../../../../test/support/race.ts'
import { readSignInOptions } from '../sign-in.ts'
import { github } from './index.ts'
import type { OidcOptions } from './index.ts'
import { Secret } from '../../../crypto/secret.ts'

const TEST = { kind: 'system', id: 'test' } as const
const BACK = '/login/with/idp/signed-out'

/** An application whose user ada is linked to person-1 there. */
async function start(test: TestContext, idp: TestProvider, more: Partial<OidcOptions> = { signOutThere: true }) {
  const app = await startApp({ options: { signIn: { providers: { idp: idp.configured(more) } } } })
  test.after(async () => {
    await app[Symbol.asyncDispose]()
    await idp.close()
  })
  const ada = await app.signIn('member', 'ada')
  const identity = { provider: 'idp', issuer: idp.issuer, subject: 'person-1', shown: 'person-1', strong: false }
  assert.ok((await app.holdfast.accounts.identities.link(ada.userId, identity, TEST)).ok)
  return { app, ada }
}

/** Signs out by the page; where the browser is sent on to, `undefined` when it stays. */
async function leave(browser: Wanderer, fields: Readonly<Record<string, string>> = {}): Promise<string | undefined> {
  const answer = await browser.post('/logout', fields)
  if (answer.status === 303) assert.equal(answer.headers.location, '/login?signed-out')
  return /^0;url=(.*)$/.exec(String(answer.headers['refresh']))?.[1]
}

async function enterByLiar(app: TestApp, idp: { visit(url: string): string }): Promise<Wanderer> {
  const browser = wanderer(app)
  await browser.comeBack(idp.visit(await browser.leave()))
  assert.equal(await browser.who(), 'ada')
  return browser
}

/** What a lying provider says of itself, with this address to sign out at. */
const announcing = (endpoint: unknown) => ({ discovery: (honest: object) => ({ ...honest, end_session_endpoint: endpoint }) })

describe('signing out at the provider, too', () => {
  it('ends the session of a real provider, and comes back', async (test) => {
    const idp = await realProvider()
    const { app } = await start(test, idp)
    idp.open(app.origin)
    const browser = wanderer(app)
    await browser.comeBack(await idp.visit(await browser.leave()))
    assert.deepEqual([await browser.who(), await idp.remembers()], ['ada', true])
    assert.match((await browser.get('/logout')).text, /You came by Example ID, and go on there to sign out, too/)

    const there = await leave(browser)
    assert.equal(await browser.who(), null, 'here it is over before the browser goes on')
    const { origin, searchParams } = new URL(there!)
    assert.equal(origin, idp.issuer)
    assert.equal(searchParams.get('post_logout_redirect_uri'), `${app.origin}${BACK}`)
    assert.match(searchParams.get('id_token_hint')!, /^[\w-]+\.[\w-]+\.[\w-]+$/)

    const back = await idp.signOut(there!)
    assert.ok(back.startsWith(`${app.origin}${BACK}?state=`), back)
    assert.equal((await browser.comeBack(back)).headers.location, '/login?signed-out')
    assert.equal(await idp.remembers(), false)
    assert.deepEqual(app.faults, [])
  })

  it('is told to programs as a location', async (test) => {
    const idp = await lyingProvider()
    const { app } = await start(test, idp)
    idp.lies = announcing(`${idp.issuer}/end?kept=1`)
    const browser = await enterByLiar(app, idp)
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
    const headers = { cookie, origin: app.origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }
    const answer = await app.fetch('/logout', { method: 'POST', headers, body: '{}' })
    const { ok, location } = JSON.parse(answer.text) as { ok: true; location: string }
    const { searchParams } = new URL(location)
    assert.ok(ok && location.startsWith(`${idp.issuer}/end?kept=1&`), location)
    assert.equal(searchParams.get('client_id'), 'holdfast-test')
  })

  it('follows a sign-in whose second factor was given here', async (test) => {
    const idp = await lyingProvider()
    const { app, ada } = await start(test, idp)
    idp.lies = announcing(`${idp.issuer}/end`)
    const factor = await enrol(app.holdfast.accounts, ada.cookie.split('=')[1]!, app.clock.now)
    app.clock.advance(STEP)
    const browser = wanderer(app)
    await browser.comeBack(idp.visit(await browser.leave()))
    await browser.post('/login/factor', { code: factor.code() })
    assert.equal(await browser.who(), 'ada')
    assert.match((await leave(browser))!, /\/end\?/)
  })

  it('leads nowhere else, whatever the form says', async (test) => {
    const idp = await lyingProvider()
    const { app } = await start(test, idp)
    idp.lies = announcing(`${idp.issuer}/end`)
    const evil = 'https://evil.example/'
    const browser = await enterByLiar(app, idp)
    const there = await leave(browser, {
      post_logout_redirect_uri: evil,
      next: evil,
      location: evil,
      state: evil,
      id_token_hint: evil,
    })
    assert.ok(there?.startsWith(`${idp.issuer}/end?`) && !there.includes('evil'), there)
  })

  for (const endpoint of ['javascript:alert(1)', 'data:text/html,x', 'ftp://x.example/', '', 7, undefined])
    it(`stays here when the provider announces ${String(endpoint) || 'nothing'}`, async (test) => {
      const idp = await lyingProvider()
      const { app } = await start(test, idp)
      idp.lies = announcing(endpoint)
      const browser = await enterByLiar(app, idp)
      assert.deepEqual([await leave(browser), await browser.who()], [undefined, null])
    })

  it('is off unless it was asked for', async (test) => {
    const idp = await lyingProvider()
    const { app } = await start(test, idp, {})
    idp.lies = announcing(`${idp.issuer}/end`)
    const browser = await enterByLiar(app, idp)
    assert.equal(await leave(browser), undefined)
    assert.equal((await app.fetch(BACK)).status, 401)
  })

  it('is not for sessions that began by another way', async (test) => {
    const idp = await lyingProvider()
    const { app, ada } = await start(test, idp)
    idp.lies = announcing(`${idp.issuer}/end`)
    await enterByLiar(app, idp)
    assert.equal(await leave(wanderer(app, ada.cookie)), undefined)
  })

  it('asks a provider nothing when somebody leaves: one that is away holds up nobody', async (test) => {
    const idp = await lyingProvider()
    const { app } = await start(test, idp)
    idp.lies = announcing(`${idp.issuer}/end`)
    const browser = await enterByLiar(app, idp)
    for (const _ of [1, 2, 3]) {
      app.clock.advance(25 * 60_000)
      assert.equal(await browser.who(), 'ada')
    }
    await idp.close()
    await browser.get('/logout')
    assert.match((await leave(browser))!, /\/end\?/)
    assert.equal(await browser.who(), null)
    assert.ok(!app.events.some(({ type }) => type === 'authn_provider_fail' || type === 'outbound_failed'))
  })

  it('believes a return once, and only one that it sent out; nobody is signed out by it', async (test) => {
    const idp = await lyingProvider()
    const { app } = await start(test, idp)
    idp.lies = announcing(`${idp.issuer}/end`)
    const state = new URL((await leave(await enterByLiar(app, idp)))!).searchParams.get('state')!
    const other = await enterByLiar(app, idp)
    for (const forged of ['', '?state=', '?state=x', `?state=${'a'.repeat(43)}`, `?state=${state}&state=${state}`])
      assert.equal((await other.get(`${BACK}${forged}`)).headers.location, '/login', forged)
    const fails = app.events.filter(({ type }) => type === 'authn_provider_fail')
    assert.deepEqual(
      fails.map(({ data }) => [data?.['purpose'], data?.['detail']]),
      Array.from({ length: 5 }, () => ['sign-out', 'state']),
    )
    const answers = await race(20, () => app.fetch(`${BACK}?state=${state}`))
    assert.equal(answers.filter(({ headers }) => headers.location === '/login?signed-out').length, 1)
    assert.equal(await other.who(), 'ada')
  })

  it('is refused at start-up where there is no such thing', () => {
    const own = github({ clientId: 'x', clientSecret: new Secret('k3fK9sLq0ZpW7vXb2Nc5'), signOutThere: true })
    assert.throws(() => readSignInOptions({ providers: { own } }), /providers\.own\.signOutThere is true.*Leave it out/)
    const word = { ...github({ clientId: 'x', clientSecret: new Secret('k3fK9sLq0ZpW7vXb2Nc5') }), signOutThere: 'yes' as never }
    assert.throws(() => readSignInOptions({ providers: { own: word } }), /signOutThere is "yes".*true or false/)
  })
})
