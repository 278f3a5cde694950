/** Recovery over HTTP, as somebody without JavaScript and as a program meets it: pages, letters, links, refusals at start-up. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHoldfast } from '../src/index.ts'
import { ADAPTERS, PASSWORD, startApp, type Response, type TestApp } from './support/app.ts'
import { cookieOf, signInByForm, whoIs } from './support/browser.ts'
import { lastLink, NEW_PASSWORD, postForm, postJson, reachableMember, recoveryLink } from './support/recovery.ts'
import { codeStep, passwordStep } from './support/second-factor-browser.ts'
import { enrol, STEP } from './support/second-factor.ts'

const HOUR = 3_600_000
const leadsTo = ({ status, headers }: Response, location: string) => assert.deepEqual([status, headers.location], [303, location])
const codeIn = ({ text }: Response) => (JSON.parse(text) as { code: string }).code
const SLOW = { signIn: { recovery: { lostFactor: true } } } as const

/** Somebody with an authenticator app who can be written to. */
async function withFactor(app: TestApp, login = 'victim') {
  const { cookie, userId } = await reachableMember(app, login)
  const made = await enrol(app.holdfast.accounts, cookie.split('=')[1]!, app.clock.now)
  app.clock.advance(STEP)
  return { ...made, userId }
}

describe('a forgotten password', () => {
  for (const adapter of ADAPTERS) {
    it(`is replaced by the link of a letter, which shows a form and lets nobody in by itself, under ${adapter}`, async () => {
      await using app = await startApp({ adapter })
      const { cookie } = await reachableMember(app)
      assert.match((await app.fetch('/login')).text, /<a href="\/login\/recover">Forgot the password\?<\/a>/)
      assert.match((await app.fetch('/login/recover')).text, /name="who"/)
      const { path, token } = await recoveryLink(app)
      assert.equal(path, `/login/recover/password?token=${token}`)
      for (let i = 0; i < 3; i++) assert.match((await app.fetch(path)).text, /value="victim"[^>]*readonly/)
      const fields = { token, password: NEW_PASSWORD, passwordAgain: NEW_PASSWORD }
      const set = await postForm(app, '/login/recover/password', fields)
      leadsTo(set, '/login?password-set')
      assert.equal(cookieOf(set), undefined)
      assert.match((await app.fetch('/login?password-set')).text, /Your password is set/)
      assert.equal(await whoIs(app, cookie), null)
      assert.equal((await signInByForm(app, 'victim')).status, 401)
      assert.equal(await whoIs(app, cookieOf(await signInByForm(app, 'victim', { password: NEW_PASSWORD }))!), 'victim')
      await app.mails()
      await app.holdfast.accounts.notices.sweep(app.clock.now())
      assert.deepEqual((await app.mails()).map(({ subject, to }) => [subject, to]).slice(-1), [
        ['About the security of your account at Holdfast', 'victim@mail.example'],
      ])
      assert.equal((await app.fetch(path)).status, 410)
      assert.equal((await postForm(app, '/login/recover/password', fields)).status, 410)
    })
  }

  it('says what is wrong at its field, and sends no password back', async () => {
    await using app = await startApp()
    await reachableMember(app)
    const { token } = await recoveryLink(app)
    const twice = { token, password: NEW_PASSWORD, passwordAgain: 'something else entirely' }
    for (const [fields, words] of [
      [twice, /The two passwords are not the same/],
      [{ token, password: 'short', passwordAgain: 'short' }, /too short: 15 characters at least/],
      [{ token, password: 'victimvictimvictim', passwordAgain: 'victimvictimvictim' }, /Choose another/],
      [{ token, password: '', passwordAgain: '' }, /Choose a password/],
    ] as const) {
      const { status, text } = await postForm(app, '/login/recover/password', fields)
      assert.equal(status, 422)
      assert.match(text, words)
      assert.match(text, /role="alert"/)
      if (fields.password !== '') assert.ok(!text.includes(`"${fields.password}"`))
    }
    assert.equal((await postForm(app, '/login/recover', { who: ' ' })).status, 422)
  })

  it('does the same for programs, in problem details', async () => {
    await using app = await startApp()
    await reachableMember(app)
    const asked = await postJson(app, '/login/recover', { who: 'victim' })
    assert.deepEqual([asked.status, asked.text], [202, '{"ok":true}'])
    const { token } = await lastLink(app)
    const short = await postJson(app, '/login/recover/password', { token, password: 'short' })
    assert.deepEqual([short.status, codeIn(short)], [422, 'password-refused'])
    const set = await postJson(app, '/login/recover/password', { token, password: NEW_PASSWORD })
    assert.deepEqual([set.status, set.text], [200, '{"ok":true}'])
    const again = await postJson(app, '/login/recover/password', { token, password: NEW_PASSWORD })
    assert.deepEqual([again.status, codeIn(again)], [410, 'link-over'])
  })

  it('is told the same whoever is named, byte for byte, also while the mail is down (L75, L76)', async () => {
    const broken = { name: 'broken', send: () => Promise.reject(new Error('no route')) }
    await using app = await startApp({ options: { mail: { from: 'noreply@app.example', transport: broken } } })
    await reachableMember(app)
    const seen = []
    for (const who of ['victim', 'nobody-here', 'victim@mail.example']) {
      const { status, headers, text } = await postForm(app, '/login/recover', { who })
      const head = Object.keys(headers).filter((name) => name !== 'set-cookie')
      const nonce = /nonce="([^"]+)"/.exec(text)?.[1] ?? 'none'
      seen.push(JSON.stringify([status, head, text.replaceAll(nonce, 'NONCE').replaceAll(/value="[^"]{40,}"/g, '')]))
    }
    assert.deepEqual([...new Set(seen)], [seen[0]])
    assert.match(seen[0]!, /^\[202,/)
  })

  it('is not there without mail, and refused at start-up where it was asked for', async () => {
    await using app = await startApp({ options: { mail: undefined } as never })
    assert.ok(!(await app.fetch('/login')).text.includes('Forgot'))
    assert.equal((await app.fetch('/login/recover', { headers: { cookie: '' } })).status === 200, false)
    const base = { origin: 'http://localhost:1', data: '.unused', database: ':memory:', mode: 'test' } as const
    await assert.rejects(createHoldfast({ ...base, signIn: { recovery: true } }), { code: 'HF_MAIL_MISSING' })
    for (const recovery of [
      { life: '1m' },
      { life: '2d' },
      { lostFactor: true, delay: '2h' },
      { delay: '72h' },
      { lifetime: '1h' },
      { lostFactor: 'yes' },
    ])
      await assert.rejects(createHoldfast({ ...base, signIn: { recovery: recovery as never } }), /signIn\.recovery/)
  })
})

describe('a lost password and a lost authenticator', () => {
  it('take the link and then a recovery code (L01, L07)', async () => {
    await using app = await startApp()
    const { recoveryCodes } = await withFactor(app)
    const { token } = await recoveryLink(app)
    leadsTo(
      await postForm(app, '/login/recover/password', { token, password: NEW_PASSWORD, passwordAgain: NEW_PASSWORD }),
      '/login?password-set',
    )
    const first = await signInByForm(app, 'victim', { password: NEW_PASSWORD })
    leadsTo(first, '/login/factor')
    assert.equal(cookieOf(first), undefined)
    const waiting = first
      .all('set-cookie')
      .find((line) => line.startsWith('hf_pending'))!
      .split(';')[0]!
    assert.ok(
      !(await app.fetch('/login/factor', { headers: { cookie: waiting } })).text.includes('I have lost both'),
      'it is off',
    )
    const { cookie } = await codeStep(app, waiting, recoveryCodes[0]!)
    assert.equal(await whoIs(app, cookie!), 'victim')
  })

  it('take days without recovery codes, with letters that stop it, and end at level 1', async () => {
    await using app = await startApp({ options: SLOW })
    const { userId, token: living } = await withFactor(app)
    const { waiting } = await passwordStep(app)
    const factorPage = await app.fetch('/login/factor', { headers: { cookie: waiting } })
    assert.match(factorPage.text, /<a href="\/login\/recover\/factor">I have lost both<\/a>/)
    assert.match((await app.fetch('/login/recover/factor', { headers: { cookie: waiting } })).text, /in 3 days/)
    await app.mails()
    const asked = await postForm(app, '/login/recover/factor', {}, waiting)
    assert.equal(asked.status, 202)
    assert.match(asked.text, /From \d+ \w+ \d{4}, \d\d:\d\d UTC on a letter brings you the link/)
    const cancel = await lastLink(app)
    assert.match((await app.fetch(cancel.path)).text, /type="submit">Keep it/)
    const account = await app.fetch('/account/password', {
      headers: { cookie: `hf_sid_localhost=${living}`, accept: 'text/html' },
    })
    assert.match(account.text, /Somebody says that your second factor is lost/)
    app.clock.advance(72 * HOUR)
    await app.holdfast.accounts.recoveries.sweep(app.clock.now())
    const remove = await lastLink(app)
    assert.match((await app.fetch(remove.path)).text, /Remove the second factor\?/)
    assert.deepEqual((await app.holdfast.accounts.factors.of(userId)).kinds.length > 0, true, 'looking removes nothing')
    assert.match((await postForm(app, '/login/recover/factor/remove', { token: remove.token })).text, /is removed/)
    const after = await signInByForm(app, 'victim')
    assert.equal(await whoIs(app, cookieOf(after)!), 'victim')
    assert.equal((await app.holdfast.accounts.sessions.list(userId, app.clock.now()))[0]?.aal, 1)
    assert.equal((await postForm(app, '/login/recover/factor/cancel', { token: cancel.token })).status, 410)
  })

  it('is stopped by the link, by a living session, and by programs, too', async () => {
    for (const by of ['link', 'session', 'json'] as const) {
      await using app = await startApp({ options: SLOW })
      const { userId, token: living } = await withFactor(app)
      const { waiting } = await passwordStep(app)
      await app.mails()
      const asked = await postJson(app, '/login/recover/factor', {}, waiting)
      assert.equal(asked.status, 202)
      assert.match(asked.text, /"due":"\d{4}-/)
      const { token } = await lastLink(app)
      const cookie = `hf_sid_localhost=${living}`
      if (by === 'link') assert.match((await postForm(app, '/login/recover/factor/cancel', { token })).text, /stays/)
      if (by === 'session') leadsTo(await postForm(app, '/account/password/cancel-recovery', {}, cookie), '/account/password')
      if (by === 'json') assert.equal((await postJson(app, '/login/recover/factor/cancel', { token })).text, '{"ok":true}')
      assert.equal(await app.holdfast.accounts.recoveries.of(userId), undefined)
      const told = app.events.findLast(({ type }) => type === 'authn_recovery_cancelled')
      assert.deepEqual([told?.level, told?.data?.['by']], ['critical', by === 'session' ? 'session' : 'link'])
    }
  })

  it('asks nothing of who did not come by a first step', async () => {
    await using app = await startApp({ options: SLOW })
    leadsTo(await app.fetch('/login/recover/factor'), '/login')
    leadsTo(await postForm(app, '/login/recover/factor', {}), '/login')
    assert.equal((await postJson(app, '/login/recover/factor', {})).status, 401)
  })
})

describe('a lock', () => {
  it('is told to the owner, whose link ends it', async () => {
    await using app = await startApp()
    await reachableMember(app)
    await app.mails()
    for (let i = 0; i < 20; i++) await signInByForm(app, 'victim', { password: 'wrong' })
    assert.equal((await signInByForm(app, 'victim')).status, 429)
    const { path, token } = await lastLink(app)
    assert.match((await app.fetch(path)).text, /Let me try again/)
    assert.match((await postForm(app, '/login/unlock', { token })).text, /You can try again/)
    app.clock.advance(300_000) // the network's own count, which no link gives back
    assert.equal((await signInByForm(app, 'victim')).status, 303)
    assert.equal((await postForm(app, '/login/unlock', { token })).status, 410)
  })
})

describe('the page of the password', () => {
  const path = '/account/password'
  const fields = { password: NEW_PASSWORD, passwordAgain: NEW_PASSWORD }

  it('changes it after a recent proof, keeps this session, ends the others, and writes a letter', async () => {
    await using app = await startApp()
    const { cookie } = await reachableMember(app)
    const other = cookieOf(await signInByForm(app, 'victim'))!
    const page = await app.fetch(path, { headers: { cookie, accept: 'text/html' } })
    assert.ok(!page.text.includes('name="current"'))
    assert.match(page.text, /At least 15 characters/)
    leadsTo(await postForm(app, path, fields, cookie), '/account/password?changed')
    const after = await app.fetch('/account/password?changed', { headers: { cookie } })
    assert.match(after.text, /Your password is changed/)
    assert.ok(cookieOf(after) !== undefined, 'the session has a new token')
    assert.equal(await whoIs(app, other), null)
    await app.holdfast.accounts.notices.sweep(app.clock.now())
    assert.equal((await app.mails()).filter(({ text }) => text.startsWith('Your password was changed')).length, 1)
  })

  it('asks for the current one when the proof is old, and counts wrong ones', async () => {
    await using app = await startApp()
    const { cookie } = await app.signIn('member', 'victim')
    app.clock.advance(660_000)
    assert.match((await app.fetch(path, { headers: { cookie } })).text, /name="current"/)
    const none = await postForm(app, path, fields, cookie)
    assert.equal(none.status, 401)
    assert.match(none.text, /Give your current password/)
    const wrong = await postForm(app, path, { ...fields, current: 'not my password' }, cookie)
    assert.equal(wrong.status, 401)
    assert.match(wrong.text, /This is not your password/)
    assert.ok(app.events.some(({ type }) => type === 'authn_login_fail'))
    leadsTo(await postForm(app, path, { ...fields, current: PASSWORD }, cookie), '/account/password?changed')
    assert.equal((await signInByForm(app, 'victim', { password: NEW_PASSWORD })).status, 303)
  })

  it('says how strong a password is where that is wanted, sets nothing by it, and refuses none for it', async () => {
    const hashing = { insecureParameters: { memory: 64, passes: 1, parallelism: 1 } }
    await using app = await startApp({ options: { passwords: { hashing, strengthHint: true } } })
    const { cookie } = await app.signIn('member', 'victim')
    assert.match((await app.fetch(path, { headers: { cookie, accept: 'text/html' } })).text, /How strong is it\?/)
    const weak = await postForm(app, path, { password: 'password123', check: 'on' }, cookie)
    assert.equal(weak.status, 200)
    assert.match(weak.text, /id="password-hint">[^<]*What you typed would be guessed at once/)
    assert.ok(!weak.text.includes('password123'))
    assert.deepEqual(JSON.parse((await postJson(app, path, { password: NEW_PASSWORD, check: 'on' }, cookie)).text), {
      strength: 4,
    })
    assert.equal((await signInByForm(app, 'victim')).status, 303, 'the password is what it was')
  })

  it('wants the second factor of who has one, and takes eight characters then', async () => {
    await using app = await startApp()
    const { token, code } = await withFactor(app)
    const cookie = `hf_sid_localhost=${token}`
    assert.match((await app.fetch(path, { headers: { cookie } })).text, /At least 8 characters/)
    app.clock.advance(660_000)
    leadsTo(await postForm(app, path, { ...fields, current: PASSWORD }, cookie), '/login/again?next=%2Faccount%2Fpassword')
    const program = await postJson(app, path, { password: NEW_PASSWORD, current: PASSWORD }, cookie)
    assert.deepEqual([program.status, codeIn(program)], [401, 'recent-proof-required'])
    const stronger = cookieOf(await postForm(app, '/login/factor', { code: code(), next: path }, cookie))!
    const short = { password: 'tq7 vex9 #m', passwordAgain: 'tq7 vex9 #m' }
    leadsTo(await postForm(app, path, short, stronger), '/account/password?changed')
  })

  it('leads who is left with a short password to another one before anything else', async () => {
    await using app = await startApp()
    const { token, userId } = await withFactor(app)
    await postForm(app, path, { password: 'tq7 vex9 #m', passwordAgain: 'tq7 vex9 #m' }, `hf_sid_localhost=${token}`)
    await app.holdfast.accounts.factors.reset(userId, { kind: 'system', id: 'test' }, 'lost')
    const first = await signInByForm(app, 'victim', { password: 'tq7 vex9 #m' })
    leadsTo(first, '/login/new-password')
    assert.equal(cookieOf(first), undefined)
    const waiting = first
      .all('set-cookie')
      .find((line) => line.startsWith('hf_pending'))!
      .split(';')[0]!
    leadsTo(await app.fetch('/login/factor', { headers: { cookie: waiting } }), '/login')
    assert.match((await app.fetch('/login/new-password', { headers: { cookie: waiting } })).text, /has to be replaced/)
    leadsTo(await postForm(app, '/login/new-password', fields, waiting), '/login?password-set')
    assert.equal((await signInByForm(app, 'victim', { password: NEW_PASSWORD })).status, 303)
    leadsTo(await app.fetch('/login/new-password'), '/login')
    assert.equal((await postJson(app, '/login/new-password', { password: NEW_PASSWORD })).status, 401)
  })

  it('does the same for programs, and is closed to nobody and to other sites', async () => {
    await using app = await startApp()
    const { cookie } = await app.signIn('member', 'victim')
    const short = await postJson(app, path, { password: 'short' }, cookie)
    assert.deepEqual([short.status, codeIn(short)], [422, 'password-refused'])
    assert.equal((await postJson(app, path, { password: NEW_PASSWORD }, cookie)).text, '{"ok":true}')
    assert.equal((await postJson(app, path, { password: NEW_PASSWORD })).status, 401)
    const foreign = await app.fetch(path, {
      method: 'POST',
      headers: { cookie, 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' },
      body: 'password=x',
    })
    assert.equal(foreign.status, 403)
  })
})
