/** Second factors over HTTP, as a browser without JavaScript meets them: enrolment, sign-in, step-up, and back to where one was. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHoldfast } from '../src/index.ts'
import { ADAPTERS, startApp, type Response, type TestApp, type TestAppOptions } from './support/app.ts'
import { cookieOf, sameOrigin, signInByForm } from './support/browser.ts'
import { waitingFor } from './support/kept-forms.ts'
import { authenticatorOf } from './support/second-factor.ts'
import { codeStep, passwordStep, withAuthenticator } from './support/second-factor-browser.ts'

const STRONG: TestAppOptions['options'] = { authorize: { everywhere: { aal: 2 } } }

const get = (app: TestApp, path: string, cookie: string) => app.fetch(path, { headers: { cookie, accept: 'text/html' } })
const post = (app: TestApp, path: string, cookie: string, fields: Record<string, string>) =>
  app.fetch(path, { method: 'POST', headers: sameOrigin(app, cookie), body: new URLSearchParams(fields).toString() })
const leadsTo = ({ status, headers }: Response, location: string) => assert.deepEqual([status, headers.location], [303, location])

describe('a route that asks for level 2', () => {
  for (const adapter of ADAPTERS) {
    it(`leads through the enrolment back to itself, and then asks no more, under ${adapter}`, async () => {
      await using app = await startApp({ adapter, options: STRONG })
      const { cookie } = await app.signIn('admin', 'ada')
      leadsTo(await get(app, '/admin?tab=2', cookie), '/login/factor?next=%2Fadmin%3Ftab%3D2')
      leadsTo(await get(app, '/login/factor?next=%2Fadmin%3Ftab%3D2', cookie), '/account/factors/totp?next=%2Fadmin%3Ftab%3D2')
      const page = await get(app, '/account/factors/totp?next=%2Fadmin%3Ftab%3D2', cookie)
      assert.equal(page.status, 200)
      const code = authenticatorOf(/<code>([A-Z2-7 ]+)<\/code>/.exec(page.text)![1]!, app.clock.now)
      const done = await post(app, '/account/factors/totp', cookie, { code: code(), next: '/admin?tab=2' })
      assert.match(done.text, /href="\/admin\?tab=2">I have kept them/)
      assert.equal((await get(app, '/admin?tab=2', cookieOf(done)!)).text, 'ADMIN')
    })
  }

  it('asks for the password first when it was given long ago', async () => {
    await using app = await startApp({ options: STRONG })
    const { cookie } = await app.signIn('admin', 'ada')
    app.clock.advance(660_000)
    leadsTo(
      await get(app, '/account/factors/totp?next=%2Fadmin', cookie),
      '/login/again?next=%2Faccount%2Ffactors%2Ftotp%3Fnext%3D%252Fadmin',
    )
    const again = await post(app, '/login/again', cookie, {
      password: 'a walrus sings at four',
      next: '/account/factors/totp?next=%2Fadmin',
    })
    leadsTo(again, '/account/factors/totp?next=%2Fadmin')
    assert.equal((await get(app, '/account/factors/totp?next=%2Fadmin', cookieOf(again)!)).status, 200)
  })

  it('tells programs, and leads those whose form it was through the enrolment to where it waits', async () => {
    await using app = await startApp({ options: STRONG })
    const { cookie } = await app.signIn('admin', 'ada')
    const program = await app.fetch('/admin', { headers: { cookie } })
    assert.deepEqual([program.status, (JSON.parse(program.text) as { code: string }).code], [403, 'stronger-proof-required'])
    const form = await post(app, '/notes', cookie, { text: 'x' })
    const way = waitingFor(form)
    leadsTo(form, `/login/factor?next=${encodeURIComponent(way)}`)
    leadsTo(await get(app, form.headers.location!, cookie), `/account/factors/totp?next=${encodeURIComponent(way)}`)
    const page = await get(app, '/account/factors/totp', cookie)
    const code = authenticatorOf(/<code>([A-Z2-7 ]+)<\/code>/.exec(page.text)![1]!, app.clock.now)
    const done = await post(app, '/account/factors/totp', cookie, { code: code(), next: way })
    assert.ok(done.text.includes(`href="${way}">I have kept them`))
    assert.match((await get(app, way, cookieOf(done)!)).text, /Send it now/)
    assert.deepEqual(app.state.notes, [])
  })
})

describe('a proof that is too old', () => {
  it('is renewed by the factor, and the person is back where they were', async () => {
    await using app = await startApp({ options: { authorize: { everywhere: { aal: 2, within: '5m' } } } })
    const { token, code } = await withAuthenticator(app)
    const cookie = `hf_sid_localhost=${token}`
    assert.equal((await get(app, '/me', cookie)).status, 200)
    app.clock.advance(330_000)
    leadsTo(await get(app, '/me', cookie), '/login/again?next=%2Fme')
    leadsTo(await get(app, '/login/again?next=%2Fme', cookie), '/login/factor?next=%2Fme')
    const done = await post(app, '/login/factor', cookie, { code: code(), next: '/me' })
    leadsTo(done, '/me')
    assert.match((await get(app, '/me', cookieOf(done)!)).text, /victim/)
    assert.equal((await get(app, '/me', cookie)).status, 303, 'the token from before is dead')
  })
})

describe('a sign-in with a second factor', () => {
  it('works under the names of an https origin, too', async () => {
    await using app = await startApp({ tls: true })
    const { token, code } = await withAuthenticator(app)
    assert.ok(token)
    const first = await signInByForm(app, 'victim')
    const waiting = first.all('set-cookie').find((line) => line.startsWith('__Host-hf_pending='))
    assert.match(waiting!, /; Path=\/; Max-Age=300; Secure; HttpOnly; SameSite=Strict$/)
    const { cookie } = await codeStep(app, waiting!.split(';')[0]!, code())
    assert.match(cookie!, /^__Host-hf_sid=/)
    assert.match((await get(app, '/me', cookie!)).text, /victim/)
  })

  it('leaves no password, code or key in the log', async () => {
    await using app = await startApp()
    const { code, recoveryCodes } = await withAuthenticator(app)
    const { waiting } = await passwordStep(app)
    await codeStep(app, waiting, recoveryCodes[9]!)
    const said = JSON.stringify(app.events)
    for (const secret of ['walrus', code(), recoveryCodes[9]!, waiting.split('=')[1]!]) assert.ok(!said.includes(secret))
    assert.ok(app.events.some(({ type, data }) => type === 'authn_recovery_code_used' && data?.['left'] === 9))
  })
})

describe('a role that must have a second factor', () => {
  const signIn = { secondFactor: { roles: ['admin'], grace: '1d' } } as const

  it('is led to the enrolment by every page once the grace is over', async () => {
    await using app = await startApp({ options: { signIn } })
    const { cookie } = await app.signIn('admin', 'ada')
    assert.equal((await get(app, '/admin', cookie)).text, 'ADMIN')
    app.clock.advance(86_400_000)
    const late = cookieOf(await signInByForm(app, 'ada'))!
    leadsTo(await get(app, '/admin', late), '/account/factors/totp?next=%2Fadmin')
    assert.equal((await get(app, '/account/factors/totp?next=%2Fadmin', late)).status, 200)
    assert.equal((await app.fetch('/admin', { headers: { cookie: late } })).status, 403)
    assert.match((await post(app, '/notes', late, { text: 'x' })).text, /href="\/account\/factors\/totp">Set it up/)
    const member = await app.signIn('member', 'bob')
    assert.equal((await get(app, '/me', member.cookie)).status, 200)
  })

  it('needs the page to enrol on', async () => {
    const options = { origin: 'http://localhost:3000', mode: 'test', log: 'silent', database: ':memory:' } as const
    await assert.rejects(createHoldfast({ ...options, signIn, console: false }), {
      code: 'HF_OPTION_INVALID',
      message: /console/,
    })
  })
})
