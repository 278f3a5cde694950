/** Sign-in by a real provider of OpenID Connect, through the front door. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { realProvider, wanderer, type RealProvider } from '../../../test/support/provider.ts'
import { startApp, type TestApp } from '../../../test/support/app.ts'
import { race } from '../../../test/support/race.ts'
import { enrol } from '../../../test/support/second-factor.ts'
import { Secret } from '../../crypto/secret.ts'
import { google, oidc, type OidcOptions } from './providers/index.ts'

const TEST = { kind: 'system', id: 'test' } as const
const PERSON = { sub: 'person-1', email: 'person@example.org', email_verified: true, name: 'Person One' }

describe('sign-in by another provider', () => {
  let idp: RealProvider
  before(async () => void (idp = await realProvider()))
  after(async () => await idp.close())

  async function open(more: Partial<OidcOptions> = {}): Promise<TestApp> {
    const app = await startApp({ options: { signIn: { providers: { idp: idp.configured(more) } } } })
    idp.open(app.origin)
    idp.someone = PERSON
    await app.signIn('admin', 'root')
    return app
  }

  /** Somebody whose account here is linked to the person there. */
  async function linked(app: TestApp, login = 'ada', subject = 'person-1') {
    const { cookie, userId } = await app.signIn('member', login)
    const identity = { provider: 'idp', issuer: idp.issuer, subject, shown: subject, strong: false }
    assert.ok((await app.holdfast.accounts.identities.link(userId, identity, TEST)).ok)
    return { cookie, userId, login }
  }

  const reasons = (app: TestApp) =>
    app.events.flatMap(({ type, data }) => (type === 'authn_provider_fail' ? [data?.['reason']] : []))

  it('leads there by a button, comes back and is signed in, with the session of before ended', async () => {
    await using app = await open()
    const { cookie } = await linked(app)
    const browser = wanderer(app, cookie)
    assert.match((await wanderer(app).get('/login')).text, /action="\/login\/with\/idp"[^]*Continue with Example ID/)
    const out = new URL(await browser.leave({ next: '/notes' }))
    assert.equal(out.searchParams.get('redirect_uri'), `${app.origin}/login/with/idp/callback`)
    assert.equal(out.searchParams.get('code_challenge_method'), 'S256')
    assert.equal(out.searchParams.get('response_type'), 'code')
    const back = await idp.visit(out.href)
    assert.equal(new URL(back).searchParams.get('iss'), idp.issuer)
    const answer = await browser.comeBack(back)
    assert.deepEqual([answer.status, answer.headers.location], [303, '/notes'])
    assert.equal(await browser.who(), 'ada')
    assert.equal(await wanderer(app, cookie).who(), null)
    const success = app.events.findLast(({ type }) => type === 'authn_login_success')
    assert.equal(success?.data?.['door'], 'provider')
  })

  it('begins by a form of ours alone: a link and a form of another site begin nothing (L48; CVE-2015-9284)', async () => {
    await using app = await open()
    assert.equal((await wanderer(app).get('/login/with/idp')).status, 405)
    const headers = {
      origin: 'https://evil.example',
      'sec-fetch-site': 'cross-site',
      'content-type': 'application/x-www-form-urlencoded',
    }
    assert.equal((await app.fetch('/login/with/idp', { method: 'POST', headers })).status, 403)
  })

  it('is good once, of 20 that come back at the same moment (L31)', async () => {
    await using app = await open()
    await linked(app)
    const browser = wanderer(app)
    const back = await idp.visit(await browser.leave())
    const answers = await race(20, () => browser.comeBack(back))
    assert.equal(answers.filter(({ status }) => status === 303).length, 1)
    assert.equal(answers.filter(({ status }) => status === 400).length, 19)
    assert.equal(app.events.filter(({ type, data }) => type === 'session_created' && data?.['aal'] === 1).length, 3)
  })

  it('ends in the browser in which it began, with the provider with which it began (L48, L49, L60)', async () => {
    await using app = await startApp({
      options: {
        signIn: {
          providers: {
            idp: idp.configured(),
            other: google({ clientId: 'x', clientSecret: new Secret('k3fK9sLq0ZpW7vXb2Nc5') }),
          },
        },
      },
    })
    idp.open(app.origin)
    await app.signIn('admin', 'root')
    await linked(app)
    const [victim, attacker] = [wanderer(app), wanderer(app)]
    const planted = await idp.visit(await attacker.leave())
    await victim.leave()
    for (const browser of [wanderer(app), victim]) assert.equal((await browser.comeBack(planted)).status, 400)
    assert.equal((await attacker.comeBack(planted.replace('/with/idp/', '/with/other/'))).status, 400)
    const changed = new URL(planted)
    changed.searchParams.set('state', 'A'.repeat(43))
    assert.equal((await attacker.comeBack(changed.href)).status, 400)
    assert.equal((await attacker.comeBack(`${app.origin}/login/with/idp/callback`)).status, 400)
    assert.equal((await attacker.comeBack(`${planted}&state=x`)).status, 400)
    assert.equal(await victim.who(), null)
    // Nobody who may not have it has used it up.
    assert.equal((await attacker.comeBack(planted)).status, 303)
  })

  it('takes ten minutes at most', async () => {
    await using app = await open()
    await linked(app)
    const browser = wanderer(app)
    const back = await idp.visit(await browser.leave())
    app.clock.advance(601_000)
    assert.equal((await browser.comeBack(back)).status, 400)
  })

  it('turns away whom nobody is linked to, by name or address neither (L41, L42, L103)', async () => {
    await using app = await open({ trustsEmail: true })
    // The same address as the person's there, as login of somebody here.
    await app.signIn('member', 'person@example.org')
    const browser = wanderer(app)
    const answer = await browser.comeBack(await idp.visit(await browser.leave()))
    assert.equal(answer.status, 401)
    assert.match(answer.text, /linked to nobody here/)
    assert.equal(await browser.who(), null)
    assert.deepEqual(reasons(app), ['identity-unknown'])
  })

  it('makes an account where that is open: once for one identity, with the roles that were named', async () => {
    await using app = await open({ signUp: 'open', roles: ['member'], trustsEmail: true })
    const browser = wanderer(app)
    assert.equal((await browser.comeBack(await idp.visit(await browser.leave()))).status, 303)
    assert.equal(await browser.who(), 'person@example.org')
    const again = wanderer(app)
    await again.comeBack(await idp.visit(await again.leave()))
    assert.equal(await again.who(), 'person@example.org')
    const made = await app.holdfast.accounts.users.byLogin('person@example.org')
    assert.deepEqual([made?.roles, made?.name], [['member'], 'Person One'])
    assert.equal(
      app.events.filter(({ type, data }) => type === 'user_created' && data?.['actor'] === 'system:provider').length,
      1,
    )
  })

  it('gives no account an address that the provider did not verify, or whose word is not taken (L44)', async () => {
    for (const [trustsEmail, email_verified] of [
      [false, true],
      [true, false],
    ] as const) {
      await using app = await open({ signUp: 'open', trustsEmail })
      idp.someone = { ...PERSON, email_verified }
      const browser = wanderer(app)
      await browser.comeBack(await idp.visit(await browser.leave()))
      assert.match(String(await browser.who()), /^idp-[\w-]{12}$/)
    }
  })

  it('takes over no account that has the address already (L41)', async () => {
    await using app = await open({ signUp: 'open', trustsEmail: true })
    await app.signIn('member', 'person@example.org')
    const browser = wanderer(app)
    const answer = await browser.comeBack(await idp.visit(await browser.leave()))
    assert.equal(answer.status, 409)
    assert.equal(await browser.who(), null)
  })

  it('makes no account while there is no administrator', async () => {
    await using app = await startApp({ options: { signIn: { providers: { idp: idp.configured({ signUp: 'open' }) } } } })
    const answer = await wanderer(app).post('/login/with/idp')
    assert.deepEqual([answer.status, answer.headers.location], [303, '/setup'])
  })

  it('lets in nobody who is disabled (L06)', async () => {
    await using app = await open()
    const { userId } = await linked(app)
    await app.holdfast.accounts.users.disable(userId, TEST)
    const browser = wanderer(app)
    assert.equal((await browser.comeBack(await idp.visit(await browser.leave()))).status, 401)
    assert.equal(await browser.who(), null)
  })

  it('says so when the person did not want to, and shows nothing that the provider wrote', async () => {
    await using app = await open()
    const browser = wanderer(app)
    const out = await browser.leave()
    idp.someone = undefined
    const answer = await browser.comeBack(await idp.visit(out))
    assert.equal(answer.status, 401)
    assert.match(answer.text, /You did not sign in with Example ID/)
    assert.ok(!answer.text.includes('cancelled'))
    const detail = app.events.findLast(({ type }) => type === 'authn_provider_fail')?.data
    assert.deepEqual([detail?.['reason'], detail?.['detail']], ['provider-cancelled', 'access_denied'])
  })

  it('goes on to paths of ours alone (L51, L87)', async () => {
    await using app = await open()
    await linked(app)
    for (const next of ['//evil.example', 'https://evil.example/', '/\\evil.example']) {
      const browser = wanderer(app)
      const answer = await browser.comeBack(await idp.visit(await browser.leave({ next })))
      assert.deepEqual([answer.status, answer.headers.location], [303, '/'])
    }
  })

  it('keeps nothing that a thief of the store could use: no verifier, no nonce, no token (L17, L100)', async () => {
    await using app = await open()
    const browser = wanderer(app)
    const out = new URL(await browser.leave())
    const log = JSON.stringify(app.events)
    for (const name of ['state', 'nonce', 'code_challenge']) assert.ok(!log.includes(out.searchParams.get(name)!), name)
    assert.ok(!log.includes('a secret that only'))
  })

  describe('and the second factor', () => {
    it('is asked for whoever has one here, and is led to by a page of ours (L01)', async () => {
      await using app = await open()
      const { cookie } = await linked(app)
      await enrol(app.holdfast.accounts, cookie.split('=')[1]!, app.clock.now)
      const browser = wanderer(app)
      const answer = await browser.comeBack(await idp.visit(await browser.leave({ next: '/notes' })))
      assert.deepEqual([answer.status, answer.headers['refresh']], [200, '0;url=/login/factor?next=%2Fnotes'])
      assert.equal(await browser.who(), null)
      assert.equal((await browser.get('/login/factor')).status, 200)
      for (const [name, value] of browser.cookies) assert.equal(await wanderer(app, `${name}=${value}`).who(), null, name)
    })

    it('is not, where the operator takes the word of the provider for it and the provider says so', async () => {
      await using app = await open({ secondFactor: { amr: ['mfa'] } })
      const { cookie } = await linked(app)
      await enrol(app.holdfast.accounts, cookie.split('=')[1]!, app.clock.now)
      const browser = wanderer(app)
      assert.equal((await browser.comeBack(await idp.visit(await browser.leave()))).status, 200)
      idp.someone = { ...PERSON, amr: ['pwd', 'mfa'] }
      const other = wanderer(app)
      assert.equal((await other.comeBack(await idp.visit(await other.leave()))).status, 303)
      assert.equal(await other.who(), 'ada')
    })
  })

  describe('to prove again who is signed in', () => {
    it('asks the person anew, and takes the identity that is linked to them alone (L10)', async () => {
      await using app = await open()
      const { cookie } = await linked(app)
      const browser = wanderer(app, cookie)
      assert.match((await browser.get('/login/again')).text, /Confirm with Example ID/)
      const out = new URL(await browser.leave({ purpose: 'again', next: '/notes' }))
      assert.deepEqual([out.searchParams.get('prompt'), out.searchParams.get('max_age')], ['login', '0'])
      const answer = await browser.comeBack(await idp.visit(out.href))
      assert.deepEqual([answer.status, answer.headers.location], [303, '/notes'])
      assert.notEqual(browser.cookies.get('hf_sid_localhost'), cookie.split('=')[1])
      idp.someone = { ...PERSON, sub: 'person-2' }
      const other = await browser.comeBack(await idp.visit(await browser.leave({ purpose: 'again' })))
      assert.equal(other.status, 401)
      assert.match(other.text, /This is another account/)
      assert.equal(await browser.who(), 'ada')
    })

    it('is offered to nobody who has no such identity, and takes nobody else’s', async () => {
      await using app = await open()
      await linked(app, 'bob', 'person-1')
      const { cookie } = await app.signIn('member', 'ada')
      const browser = wanderer(app, cookie)
      assert.ok(!(await browser.get('/login/again')).text.includes('Example ID'))
      assert.equal((await browser.comeBack(await idp.visit(await browser.leave({ purpose: 'again' })))).status, 401)
      assert.equal(await browser.who(), 'ada')
    })

    it('needs somebody who is signed in, in the session in which it began', async () => {
      await using app = await open()
      await linked(app)
      assert.equal((await wanderer(app).post('/login/with/idp', { purpose: 'again' })).status, 401)
      const { cookie } = await app.signIn('member', 'eve')
      const browser = wanderer(app, cookie)
      const back = await idp.visit(await browser.leave({ purpose: 'again' }))
      await browser.post('/logout')
      assert.equal((await browser.comeBack(back)).status, 400)
    })
  })

  describe('on the page of one’s account', () => {
    it('links by a proof of both sides, and then signs in by it', async () => {
      await using app = await open()
      const { cookie } = await app.signIn('member', 'ada')
      const browser = wanderer(app, cookie)
      assert.match((await browser.get('/account/identities')).text, /Link Example ID/)
      const answer = await browser.comeBack(await idp.visit(await browser.leave({ purpose: 'link' })))
      assert.deepEqual([answer.status, answer.headers.location], [303, '/account/identities'])
      assert.match((await browser.get('/account/identities')).text, /person@example\.org/)
      const other = wanderer(app)
      await other.comeBack(await idp.visit(await other.leave()))
      assert.equal(await other.who(), 'ada')
    })

    it('links nothing without a recent proof, for nobody, and nothing that is somebody else’s', async () => {
      await using app = await open()
      assert.equal((await wanderer(app).post('/login/with/idp', { purpose: 'link' })).status, 401)
      await linked(app, 'bob')
      const { cookie } = await app.signIn('member', 'ada')
      const browser = wanderer(app, cookie)
      const answer = await browser.comeBack(await idp.visit(await browser.leave({ purpose: 'link' })))
      assert.equal(answer.status, 409)
      app.clock.advance(601_000)
      const late = await browser.post('/login/with/idp', { purpose: 'link' })
      assert.deepEqual([late.status, late.headers.location], [303, '/login/again?next=%2Faccount%2Fidentities'])
      assert.match((await browser.get('/account/identities')).text, /confirm that it is you/)
    })

    it('links to whom it began for, whoever is signed in when it comes back (L103)', async () => {
      await using app = await open()
      const ada = await app.signIn('member', 'ada')
      const browser = wanderer(app, ada.cookie)
      const back = await idp.visit(await browser.leave({ purpose: 'link' }))
      const eve = await app.signIn('member', 'eve')
      browser.cookies.set('hf_sid_localhost', eve.cookie.split('=')[1]!)
      assert.equal((await browser.comeBack(back)).status, 400)
      assert.deepEqual(await app.holdfast.accounts.identities.of(eve.userId), [])
    })

    it('unlinks one’s own, and not the last way in', async () => {
      await using app = await open({ signUp: 'open' })
      const { cookie, userId } = await linked(app)
      const eve = await app.signIn('member', 'eve')
      const { id } = (await app.holdfast.accounts.identities.of(userId))[0]!
      assert.equal((await wanderer(app, eve.cookie).post('/account/identities/unlink', { identity: id })).status, 404)
      const browser = wanderer(app, cookie)
      assert.equal((await browser.post('/account/identities/unlink', { identity: id })).status, 303)
      assert.deepEqual(await app.holdfast.accounts.identities.of(userId), [])
      const only = wanderer(app)
      await only.comeBack(await idp.visit(await only.leave()))
      const user = await app.holdfast.accounts.users.byLogin((await only.who())!)
      const [last] = await app.holdfast.accounts.identities.of(user!.id)
      const answer = await only.post('/account/identities/unlink', { identity: last!.id })
      assert.equal(answer.status, 409)
      assert.match(answer.text, /only way to sign in/)
    })

    it('answers programs in JSON', async () => {
      await using app = await open()
      const { cookie } = await linked(app)
      const headers = { cookie, accept: 'application/json', 'content-type': 'application/json', origin: app.origin }
      const list = await app.fetch('/account/identities', { headers })
      const { identities } = JSON.parse(list.text) as { identities: { id: string; shown: string }[] }
      assert.equal(identities.length, 1)
      const begun = await app.fetch('/login/with/idp', { method: 'POST', headers, body: '{"purpose":"link"}' })
      assert.ok((JSON.parse(begun.text) as { location: string }).location.startsWith(`${idp.issuer}/auth?`))
      const body = JSON.stringify({ identity: identities[0]!.id })
      assert.equal((await app.fetch('/account/identities/unlink', { method: 'POST', headers, body })).status, 200)
    })
  })

  it('starts the application without the provider, says so at the button, and works once it is there (L89)', async () => {
    const late = await realProvider()
    await using app = await startApp({ options: { signIn: { providers: { idp: late.configured() } } } })
    await app.signIn('admin', 'root')
    assert.equal(late.asked.size, 0)
    const browser = wanderer(app)
    const answer = await browser.post('/login/with/idp')
    assert.equal(answer.status, 401)
    late.open(app.origin)
    assert.ok((await browser.leave()).startsWith(late.issuer))
    await late.close()
    const gone = await startApp({ options: { signIn: { providers: { idp: late.configured() } } } })
    await gone.signIn('admin', 'root')
    const down = await wanderer(gone).post('/login/with/idp')
    assert.deepEqual([down.status, /does not answer/.test(down.text)], [503, true])
    assert.ok(gone.events.some(({ type }) => type === 'outbound_failed'))
    await gone[Symbol.asyncDispose]()
  })

  it('is in the description of what programs may do', async () => {
    await using app = await open()
    const { cookie } = await linked(app)
    const { text } = await app.fetch('/account/openapi.json', { headers: { cookie } })
    const { valid, errors } = await new Validator().validate(JSON.parse(text))
    assert.ok(valid, JSON.stringify(errors))
    for (const path of ['/login/with/idp', '/account/identities', '/account/identities/unlink'])
      assert.ok(text.includes(`"${path}"`), path)
  })

  it('says in its findings that a provider may be on this machine and without TLS', async () => {
    await using app = await open()
    assert.deepEqual(
      app.holdfast.findings.map(({ id }) => id),
      ['HF-SIGNIN-1'],
    )
  })

  it('is refused at start-up when it could not work', async () => {
    const secret = new Secret('x')
    const wrong = [
      { 'Not An Id': idp.configured() },
      { idp: idp.configured({ issuer: 'http://id.example', insecureAllowLocal: undefined as never }) },
      { idp: idp.configured({ algorithm: 'HS256' as 'RS256' }) },
      { idp: idp.configured({ roles: ['admin'] }) },
      { idp: idp.configured({ signUp: 'open', roles: ['nobody-has-this'] }) },
      { idp: idp.configured({ networks: ['127.0.0.0/8'] }) },
      { idp: idp.configured(), twin: idp.configured() },
      { idp: { clientId: 'a', clientSecret: secret } as never },
      { idp: idp.configured({ unknown: true } as never) },
    ]
    for (const providers of wrong)
      await assert.rejects(
        startApp({ options: { signIn: { providers } } }),
        { code: 'HF_OPTION_INVALID' },
        JSON.stringify(providers),
      )
    const past = { insecureAllowLocal: { reason: 'a provider of a test, on loopback', until: '2001-01-01' } }
    await assert.rejects(startApp({ options: { signIn: { providers: { idp: idp.configured(past) } } } }), {
      code: 'HF_OPTION_INSECURE',
    })
    const at = { issuer: 'https://id.example', clientId: 'a' }
    assert.throws(() => oidc({ ...at, clientSecret: 'plain' as never }), /Wrap it/)
    for (const weak of ['hunter2', 'changeme-changeme', 'abababababababababab'])
      assert.throws(
        () => oidc({ ...at, clientSecret: new Secret(weak) }),
        (error: Error) => /has|contains|repeats/.test(error.message) && !error.message.includes(weak),
      )
  })
})
