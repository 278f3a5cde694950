/** The way of people who were signed in to an application on Flask, over HTTP: once for each cookie, and not past the second factor. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHoldfast, type HoldfastOptions } from '../src/index.ts'
import { startApp, type TestApp } from './support/app.ts'
import { cookieOf, whoIs } from './support/browser.ts'
import { FLASK_SECRET, flaskCookie } from './support/flask.ts'
import { race } from './support/race.ts'
import { postForm, postJson } from './support/recovery.ts'
import { withAuthenticator } from './support/second-factor-browser.ts'

const MOVING = { reason: 'people come over from Flask', until: '2099-12-31' }
const LOGINS: Readonly<Record<string, string>> = { '5': 'victim', '6': 'nobody-here' }
const FLASK = { ...MOVING, secret: FLASK_SECRET, loginOf: (id: string) => LOGINS[id] }
const options = { signIn: { insecureFlaskSession: FLASK } } as const

const cookie = (app: TestApp, value: object = { _user_id: '5' }) => `session=${flaskCookie(value, app.clock.now())}`
const goOn = (app: TestApp, held: string) => postForm(app, '/login/continue', { next: '/notes' }, held)

describe('a session of an application on Flask', () => {
  it('goes on by a button, once for each cookie, in a session of ours', async () => {
    await using app = await startApp({ options })
    await app.signIn('member', 'victim')
    assert.ok(!(await app.fetch('/login')).text.includes('Go on where you were'))
    const held = cookie(app)
    const page = await app.fetch('/login', { headers: { cookie: held } })
    assert.match(page.text, /action="\/login\/continue"/)
    assert.equal(cookieOf(page), undefined, 'looking signs nobody in')
    const answers = await race(20, () => goOn(app, held))
    const inside = answers.map(cookieOf).filter((one) => one !== undefined)
    assert.equal(inside.length, 1)
    assert.equal(await whoIs(app, inside[0]!), 'victim')
    assert.equal(answers.find((answer) => cookieOf(answer) !== undefined)!.headers.location, '/notes')
    app.clock.advance(30 * 86_400_000)
    assert.equal(cookieOf(await goOn(app, held)), undefined)
  })

  it('is asked for the second factor as ever (L01), and proves nothing recent', async () => {
    await using app = await startApp({ options })
    await withAuthenticator(app)
    const asked = await goOn(app, cookie(app))
    assert.deepEqual([asked.status, asked.headers.location], [303, '/login/factor?next=%2Fnotes'])
    assert.equal(cookieOf(asked), undefined)
    await app.signIn('member', 'other')
    await using second = await startApp({ options })
    const { userId } = await second.signIn('member', 'victim')
    await second.holdfast.accounts.sessions.endAll(userId, { kind: 'system', id: 'test' })
    const inside = cookieOf(await goOn(second, cookie(second)))!
    const change = await postJson(second, '/account/password', { password: 'seven geese fly over the town' }, inside)
    assert.equal(change.status, 401, 'to change something asks for the password')
  })

  it('opens nothing for who did not come along, was shut out, or has a cookie that is forged or too old', async () => {
    await using app = await startApp({ options })
    const { userId } = await app.signIn('member', 'victim')
    const old = cookie(app)
    for (const held of [
      cookie(app, { _user_id: '6' }),
      cookie(app, { _user_id: '7' }),
      cookie(app, { _user_id: 5 }),
      cookie(app, { visited: 1 }),
      `session=${flaskCookie({ _user_id: '5' }, app.clock.now(), 'another secret of somebody')}`,
      `session=${flaskCookie({ _user_id: '5' }, app.clock.now() + 3_600_000)}`,
      'session=',
      'session=x.y.z',
      `${old}; ${old}`,
    ])
      assert.equal(cookieOf(await goOn(app, held)), undefined, held)
    assert.equal((await postJson(app, '/login/continue', {}, 'session=x')).status, 401)
    app.clock.advance(31 * 86_400_000)
    assert.equal(cookieOf(await goOn(app, old)), undefined)
    await app.holdfast.accounts.users.disable(userId, { kind: 'system', id: 'test' })
    assert.equal(cookieOf(await goOn(app, cookie(app))), undefined)
  })

  it('is off, is told at start-up where it is on, and ends on its last day', async () => {
    await using off = await startApp()
    assert.ok(!(await off.fetch('/login', { headers: { cookie: cookie(off) } })).text.includes('Go on where'))
    await using app = await startApp({ options })
    assert.ok(app.events.some(({ type, data }) => type === 'sys_insecure_setting' && String(data?.['setting']).includes('Flask')))
    const until = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10)
    await using short = await startApp({ options: { signIn: { insecureFlaskSession: { ...FLASK, until } } } })
    await short.signIn('member', 'victim')
    assert.ok(cookieOf(await goOn(short, cookie(short))) !== undefined)
    short.clock.advance(4 * 86_400_000)
    assert.equal(cookieOf(await goOn(short, cookie(short))), undefined)
    const base = { origin: 'http://localhost:1', data: '.unused', database: ':memory:', mode: 'test', log: 'silent' } as const
    for (const [wrong, what] of [
      [{ ...FLASK, until: '2020-01-01' }, /was allowed until/],
      [{ ...FLASK, reason: '' }, /without saying why/],
      [{ ...FLASK, secret: '' }, /SECRET_KEY/],
      [{ ...MOVING, secret: FLASK_SECRET }, /loginOf/],
      [{ ...FLASK, digest: 'md5' }, /digest/],
      [{ ...FLASK, keyDerivation: 'pbkdf2' }, /keyDerivation/],
      [{ ...FLASK, maxAge: '90d' }, /maxAge/],
      [{ ...FLASK, sald: 'x' }, /sald/],
    ] as const) {
      const signIn = { insecureFlaskSession: wrong } as unknown as HoldfastOptions['signIn']
      await assert.rejects(createHoldfast({ ...base, ...(signIn && { signIn }) }), what)
    }
  })
})
