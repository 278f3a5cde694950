import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { PASSWORD, startApp, type Response, type TestApp } from '../../../test/support/app.ts'
import { codeInMail, mailBrowser, tokenInMail, withMailbox } from '../../../test/support/mail-browser.ts'
import { enrol, STEP } from '../../../test/support/second-factor.ts'
import type { HoldfastOptions } from '../../index.ts'
import { createHoldfast } from '../../index.ts'

const apps: TestApp[] = []
after(async () => {
  for (const app of apps) await app[Symbol.asyncDispose]()
})

const ALL = { magicLink: true, emailCode: true, emailFactor: true } as const

async function start(signIn: HoldfastOptions['signIn'] = ALL) {
  const app = await startApp({ options: { signIn } })
  apps.push(app)
  await withMailbox(app)
  return app
}

const codeOf = ({ text }: Response) => (JSON.parse(text) as { code?: string }).code
const goesTo = ({ status, headers }: Response, to: string) => assert.deepEqual([status, headers['location']], [303, to])
const who = async (app: TestApp, session: string | undefined) => {
  const { text } = await app.fetch('/me', { headers: { cookie: `hf_sid_localhost=${session}` } })
  return (JSON.parse(text) as { login?: string | null }).login
}

describe('signing in by a link', () => {
  it('is offered, asked for, sent, opened by a button, and goes on to where it began', async () => {
    const app = await start()
    const ada = mailBrowser(app)
    assert.match((await ada.get('/login?next=/notes/1')).text, /href="\/login\/link\?next=%2Fnotes%2F1">Send me a link by mail/)
    assert.match((await ada.get('/login/link?next=/notes/1')).text, /name="next" value="\/notes\/1"/)
    const asked = await ada.post('/login/link', { login: 'Ada@example.org', next: '/notes/1' })
    assert.equal(asked.status, 202)
    assert.match(asked.text, /Look into your mail/)
    const token = await tokenInMail(app)
    const shown = await ada.get(`/login/link/open?token=${token}`)
    assert.equal(shown.status, 200)
    assert.match(shown.text, /<button class="btn primary full" type="submit">Sign in to Holdfast/)
    assert.match(shown.text, /name="next" value="\/notes\/1"/)
    assert.equal(shown.headers['cache-control'], 'no-store')
    assert.equal(ada.session(), undefined)
    await ada.get(`/login/link/open?token=${token}`)
    goesTo(await ada.post('/login/link/open', { token, next: '/notes/1' }), '/notes/1')
    assert.equal(await who(app, ada.session()), 'ada')
    assert.equal(ada.cookies.has('hf_link_localhost'), false)
    assert.equal((await ada.get(`/login/link/open?token=${token}`)).status, 410)
  })

  it('keeps the cookie from scripts and other sites, and lets a link from a mail page bring it', async () => {
    const app = await start()
    const answer = await mailBrowser(app).post('/login/link', { login: 'ada' })
    const [line] = answer.all('set-cookie')
    assert.match(line!, /^hf_link_localhost=[\w-]{43}; Path=\/; Max-Age=900; HttpOnly; SameSite=Lax$/)
  })

  it('says so in another browser, changes nothing there, and offers to ask there', async () => {
    const app = await start()
    const [ada, other] = [mailBrowser(app), mailBrowser(app)]
    await ada.post('/login/link', { login: 'ada' })
    const token = await tokenInMail(app)
    for (const answer of [await other.get(`/login/link/open?token=${token}`), await other.post('/login/link/open', { token })]) {
      assert.equal(answer.status, 409)
      assert.match(answer.text, /belongs to another browser[^]*href="\/login\/link"/)
    }
    assert.equal(codeOf(await other.json('/login/link/open', { token })), 'link-elsewhere')
    assert.equal(other.session(), undefined)
    await ada.post('/login/link/open', { token })
    assert.equal(await who(app, ada.session()), 'ada')
  })

  it('proves again who is signed in, for who has no password', async () => {
    const app = await start()
    const system = { kind: 'system', id: 'test' } as const
    await app.holdfast.accounts.users.create({ login: 'eve', address: 'eve@example.org', addressVerified: true }, system)
    const eve = mailBrowser(app)
    await eve.post('/login/link', { login: 'eve' })
    await eve.post('/login/link/open', { token: await tokenInMail(app) })
    const before = eve.session()
    assert.match((await eve.get('/login/again?next=/account/keys')).text, /href="\/login\/link\?next=%2Faccount%2Fkeys"/)
    await eve.post('/login/link', { login: 'eve', next: '/account/keys' })
    goesTo(await eve.post('/login/link/open', { token: await tokenInMail(app), next: '/account/keys' }), '/account/keys')
    assert.notEqual(eve.session(), before)
    assert.equal(await who(app, before), undefined)
  })

  it('leads to the configured origin, whatever the asker says where they are (L86)', async () => {
    const app = await start()
    const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-forwarded-host': 'evil.example' }
    const forwarded = { ...headers, 'x-forwarded-proto': 'http', forwarded: 'host=evil.example' }
    await app.fetch('/login/link', { method: 'POST', headers: forwarded, body: '{"login":"ada"}' })
    await app.fetch('/login/link', { method: 'POST', headers: { ...headers, host: 'evil.example' }, body: '{"login":"ada"}' })
    const letters = await app.mails()
    assert.ok(letters.length >= 1)
    for (const { text, html } of letters) {
      assert.ok(text.includes(`${app.origin}/login/link/open?token=`))
      assert.ok(!`${text}${html}`.includes('evil'))
    }
  })

  it('never leads to another site, whatever it was asked with', async () => {
    const app = await start()
    const ada = mailBrowser(app)
    await ada.post('/login/link', { login: 'ada', next: 'https://evil.example/' })
    const token = await tokenInMail(app)
    assert.doesNotMatch((await ada.get(`/login/link/open?token=${token}`)).text, /evil/)
    goesTo(await ada.post('/login/link/open', { token, next: '//evil.example' }), '/')
  })

  it('asks for the second factor (L01)', async () => {
    const app = await start()
    const { cookie, userId } = await app.signIn('member', 'bob')
    const made = await enrol(app.holdfast.accounts, cookie.split('=')[1]!, app.clock.now)
    await app.holdfast.accounts.users.setAddress(userId, 'bob@example.org', { kind: 'system', id: 'test' }, { verified: true })
    app.clock.advance(STEP)
    const bob = mailBrowser(app)
    await bob.post('/login/link', { login: 'bob' })
    goesTo(await bob.post('/login/link/open', { token: await tokenInMail(app) }), '/login/factor')
    assert.equal(bob.session(), undefined)
    assert.match((await bob.get('/login/factor')).text, /code of your authenticator app/)
    goesTo(await bob.post('/login/factor', { code: made.code() }), '/')
    assert.equal(await who(app, bob.session()), 'bob')
  })

  it('speaks JSON', async () => {
    const app = await start()
    const ada = mailBrowser(app)
    const asked = await ada.json('/login/link', { login: 'ada' })
    assert.deepEqual([asked.status, asked.text], [202, '{"ok":true}'])
    const nobody = await mailBrowser(app).json('/login/link', { login: 'nobody' })
    assert.deepEqual([nobody.status, nobody.text], [202, '{"ok":true}'])
    assert.equal(codeOf(await ada.json('/login/link', {})), 'name-missing')
    const token = await tokenInMail(app)
    assert.equal(codeOf(await ada.json('/login/link/open', { token: 'x' })), 'link-void')
    assert.equal((await ada.json('/login/link/open', { token })).text, '{"ok":true,"next":"/"}')
  })
})

describe('signing in by a code', () => {
  it('is offered, asked for, sent, typed, and goes on', async () => {
    const app = await start()
    const ada = mailBrowser(app)
    assert.match((await ada.get('/login')).text, /href="\/login\/code">Send me a code by mail/)
    goesTo(await ada.get('/login/code/enter?next=/notes'), '/login/code?next=%2Fnotes')
    goesTo(await ada.post('/login/code', { login: 'ada', next: '/notes' }), '/login/code/enter?next=%2Fnotes')
    const code = await codeInMail(app)
    const shown = await ada.get('/login/code/enter?next=/notes')
    assert.match(shown.text, /autocomplete="one-time-code"/)
    const wrong = await ada.post('/login/code/enter', { code: '00000000', next: '/notes' })
    assert.equal(wrong.status, 401)
    assert.doesNotMatch(wrong.text, /00000000/)
    goesTo(await ada.post('/login/code/enter', { code: ` ${code.slice(0, 4)}-${code.slice(4)} `, next: '/notes' }), '/notes')
    assert.equal(await who(app, ada.session()), 'ada')
  })

  it('says the same of a code that is wrong, too old, used, or nobody’s (L79)', async () => {
    const app = await start()
    const [ada, eve] = [mailBrowser(app), mailBrowser(app)]
    await ada.json('/login/code', { login: 'ada' })
    await eve.json('/login/code', { login: 'nobody' })
    const code = await codeInMail(app)
    const strip = ({ status, text }: Response) => [status, { ...(JSON.parse(text) as object), instance: '' }]
    const wrong = strip(await ada.json('/login/code/enter', { code: '00000000' }))
    assert.deepEqual(strip(await eve.json('/login/code/enter', { code: '00000000' })), wrong)
    assert.deepEqual(strip(await mailBrowser(app).json('/login/code/enter', { code })), wrong)
    assert.equal((await ada.json('/login/code/enter', { code })).status, 200)
    assert.deepEqual(strip(await ada.json('/login/code/enter', { code })), wrong)
  })
})

describe('a code by mail as the second step', () => {
  async function withMailFactor() {
    const app = await start()
    const ada = mailBrowser(app)
    await ada.post('/login', { login: 'ada', password: PASSWORD })
    assert.match((await ada.get('/account/sessions')).text, /href="\/account\/mail-codes"/)
    assert.match((await ada.get('/account/mail-codes')).text, /the weakest second step/)
    assert.match((await ada.post('/account/mail-codes/send')).text, /A code is on its way/)
    const code = await codeInMail(app)
    assert.equal((await ada.post('/account/mail-codes/confirm', { code: '00000000' })).status, 422)
    const on = await ada.post('/account/mail-codes/confirm', { code })
    assert.match(on.text, /Your recovery codes/)
    assert.match((await ada.get('/account/mail-codes')).text, /Turn them off/)
    return { app, ada }
  }

  it('is turned on by its owner, sent at the press of a button, and lets in', async () => {
    const { app } = await withMailFactor()
    const ada = mailBrowser(app)
    goesTo(await ada.post('/login', { login: 'ada', password: PASSWORD, next: '/notes' }), '/login/factor?next=%2Fnotes')
    const page = await ada.get('/login/factor?next=/notes')
    assert.match(page.text, /action="\/login\/factor\/mail"[^]*Send me a code by mail/)
    assert.equal((await app.mails()).length, 0)
    goesTo(await ada.post('/login/factor/mail', { next: '/notes' }), '/login/factor?next=%2Fnotes&sent=1')
    assert.match((await ada.get('/login/factor?next=%2Fnotes&sent=1')).text, /A letter with a code is on its way/)
    const code = await codeInMail(app)
    assert.match((await ada.post('/login/factor', { code: '00000000' })).text, /Send me a code by mail/)
    goesTo(await ada.post('/login/factor', { code, next: '/notes' }), '/notes')
    assert.equal(await who(app, ada.session()), 'ada')
  })

  it('is neither offered nor sent to who came by mail (L01)', async () => {
    const { app } = await withMailFactor()
    const ada = mailBrowser(app)
    await ada.post('/login/link', { login: 'ada' })
    goesTo(await ada.post('/login/link/open', { token: await tokenInMail(app) }), '/login/factor')
    const page = await ada.get('/login/factor')
    assert.doesNotMatch(page.text, /factor\/mail/)
    assert.match(page.text, /one of your recovery codes/)
    goesTo(await ada.post('/login/factor/mail'), '/login/factor')
    assert.equal(codeOf(await ada.json('/login/factor/mail')), 'mail-unavailable')
    assert.equal((await app.mails()).length, 0)
  })

  it('proves again who is signed in, and is turned off with a recent proof', async () => {
    const { app, ada } = await withMailFactor()
    app.clock.advance(700_000)
    goesTo(await ada.post('/account/mail-codes/remove'), '/login/again?next=%2Faccount%2Fmail-codes')
    goesTo(await ada.get('/login/again?next=/account/mail-codes'), '/login/factor?next=%2Faccount%2Fmail-codes')
    await ada.post('/login/factor/mail', { next: '/account/mail-codes' })
    const code = await codeInMail(app)
    goesTo(await ada.post('/login/factor', { code, next: '/account/mail-codes' }), '/account/mail-codes')
    goesTo(await ada.post('/account/mail-codes/remove'), '/account/mail-codes')
    assert.match((await ada.get('/account/mail-codes')).text, /Send me a code/)
    const next = mailBrowser(app)
    goesTo(await next.post('/login', { login: 'ada', password: PASSWORD }), '/')
  })

  it('says when nobody waits, and speaks JSON', async () => {
    const { app } = await withMailFactor()
    const ada = mailBrowser(app)
    goesTo(await ada.post('/login/factor/mail'), '/login')
    assert.equal(codeOf(await ada.json('/login/factor/mail')), 'sign-in-expired')
    await ada.json('/login', { login: 'ada', password: PASSWORD })
    assert.equal((await ada.json('/login/factor/mail')).status, 202)
  })
})

describe('sign-in by mail', () => {
  it('is off unless it is turned on', async () => {
    const app = await start({})
    const eve = mailBrowser(app)
    assert.doesNotMatch((await eve.get('/login')).text, /by mail/)
    for (const path of ['/login/link', '/login/link/open', '/login/code', '/login/code/enter', '/login/factor/mail']) {
      assert.ok([401, 403, 404].includes((await eve.json(path, { login: 'ada' })).status), path)
    }
    assert.equal((await app.mails()).length, 0)
  })

  it('is refused at start-up where there is no mail, or the option is none', async () => {
    const options = { origin: 'http://localhost:3000', mode: 'test', database: ':memory:', log: 'silent' } as const
    for (const name of ['magicLink', 'emailCode', 'emailFactor'] as const) {
      await assert.rejects(createHoldfast({ ...options, signIn: { [name]: true } }), /HF_MAIL_MISSING/)
    }
    const mail = { from: 'a@app.example', transport: { name: 'none', send: async () => {} } }
    for (const signIn of [{ magicLink: { life: '2h' } }, { magicLink: { life: 1 } }, { magicLink: { lief: '5m' } }] as object[]) {
      await assert.rejects(createHoldfast({ ...options, mail, signIn }), /HF_OPTION_(?:INVALID|UNKNOWN)/)
    }
    await assert.rejects(createHoldfast({ ...options, mail, signIn: { emailCode: 'yes' as never } }), /HF_OPTION_INVALID/)
  })

  it('answers the same when mail cannot be sent (L75)', async () => {
    const broken = { name: 'broken', send: () => Promise.reject(new Error('the mailer is down')) }
    const app = await startApp({ options: { signIn: ALL, mail: { from: 'a@app.example', transport: broken } } })
    apps.push(app)
    await withMailbox(app)
    const [known, nobody] = [
      await mailBrowser(app).json('/login/link', { login: 'ada' }),
      await mailBrowser(app).json('/login/link', { login: 'nobody' }),
    ]
    assert.deepEqual([known.status, known.text], [nobody.status, nobody.text])
    assert.equal(known.status, 202)
  })
})
