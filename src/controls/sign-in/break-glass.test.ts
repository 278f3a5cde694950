import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { node } from '../../adapters/node.ts'
import { createHoldfast } from '../../index.ts'
import { startTesting, type TestingOptions } from '../../testing/index.ts'

const DOOR = '/login/break-glass'
const SYSTEM = { kind: 'system', id: 'test' } as const

async function start(more: TestingOptions = {}) {
  const app = await startTesting(
    (holdfast) =>
      node(holdfast, (request, response) =>
        response.end(holdfast.of(request).breakGlass?.banner.toString() ?? 'an ordinary page'),
      ),
    {
      ...{
        impersonation: {},
        tenants: {},
        approval: { acts: ['payout'] },
        apiKeys: { accept: ['/api/'] },
        accessTokens: { accept: ['/api/'] },
      },
      ...more,
      signIn: { breakGlass: true, remember: {}, secondFactor: { roles: ['admin'], grace: 0 }, ...(more.signIn as object) },
    },
  )
  const made = await app.holdfast.accounts.breakGlass.create({ parts: 1 }, SYSTEM)
  assert.ok(made.ok)
  const first = made.parts[0]!.reveal()
  return Object.assign(app, { first })
}

describe('the sealed account', () => {
  it('opens at a page of its own without JavaScript, with a banner on every page, and ends by the way out', async () => {
    await using app = await start()
    const somebody = app.visitor()
    const page = await somebody.get(DOOR)
    assert.match(page.text, /What is in the envelope/)
    const wrong = await somebody.post(DOOR, { form: { first: 'AAAA' }, headers: { accept: 'text/html' } })
    assert.deepEqual([wrong.status, /This opens nothing/.test(wrong.text), /AAAA/.test(wrong.text)], [401, true, false])
    const opened = await somebody.post(DOOR, { form: { first: app.first, remember: 'on' } })
    assert.deepEqual([opened.status, opened.headers.location], [303, '/'])
    assert.deepEqual([...somebody.cookies.keys()], ['hf_sid_localhost'], 'nothing remembers it')
    assert.match((await somebody.get('/')).text, /action="\/logout"[^]*This is the sealed account, until/)
    assert.match((await somebody.get('/account/sessions')).text, /This is the sealed account, until/)
    assert.equal((await somebody.post('/logout', { form: {} })).status, 303)
    assert.equal((await somebody.post(DOOR, { json: { first: app.first } })).status, 401)
  })

  it('reaches nothing by which it would get another way in, or outlast its hour', async () => {
    await using app = await start()
    const somebody = app.visitor()
    await somebody.post(DOOR, { json: { first: app.first } })
    const closed = [
      '/account/password',
      '/account/factors',
      '/account/factors/totp',
      '/account/keys',
      '/account/apps',
      '/account/tenants',
    ]
    const more = [
      '/account/impersonation',
      '/account/approvals',
      '/account/profile',
      '/login/again',
      '/login/factor',
      '/login',
      '/auth/token',
    ]
    for (const path of [...closed, ...more])
      for (const method of ['GET', 'POST']) {
        const answer = await somebody.send(method, path, {
          headers: { accept: 'application/json' },
          ...(method === 'POST' && { json: {} }),
        })
        const { code } = answer.json() as { code?: string }
        assert.deepEqual([answer.status, code], [403, 'break-glass-closed'], `${method} ${path}`)
      }
    assert.equal((await somebody.get('/')).status, 200)
    app.clock.advance(3_600_000)
    assert.equal((await somebody.get('/account/sessions', { headers: { accept: 'application/json' } })).status, 401)
  })

  it('makes no tokens, and is not used up by asking for them', async () => {
    await using app = await start()
    const asked = await app.visitor().post(DOOR, { json: { first: app.first, as: 'token', client: 'Phone' } })
    assert.deepEqual([asked.status, (asked.json() as { code: string }).code], [400, 'tokens-not-offered'])
    assert.equal((await app.visitor().post(DOOR, { json: { first: app.first } })).status, 200)
  })

  it('opens while mail is down, and the letters leave later', async () => {
    const state = { down: true, sent: 0 }
    const transport = {
      name: 'testing',
      async send() {
        if (state.down) throw new Error('The mail server is down.')
        state.sent += 1
      },
    }
    await using app = await start({ mail: { from: 'a@app.example', transport, background: false } })
    const ada = await app.signedIn('admin')
    await app.holdfast.accounts.users.setAddress(ada.user.id, 'ada@app.example', SYSTEM, { verified: true })
    assert.equal((await app.visitor().post(DOOR, { json: { first: app.first } })).status, 200)
    await app.holdfast.mail?.flush()
    state.down = false
    app.clock.advance(3_600_000)
    await app.holdfast.mail?.flush()
    assert.ok(state.sent > 0)
    assert.equal(app.events.filter(({ type, level }) => type === 'authn_break_glass_opened' && level === 'critical').length, 1)
  })

  it('is off unless it is asked for, and says at start-up what is wrong with it', async () => {
    await using plain = await startTesting((holdfast) => node(holdfast, (_, response) => response.end()), {})
    assert.equal((await plain.visitor().get(DOOR)).status, 401)
    const base = { origin: 'https://app.example', mode: 'test', log: 'silent', database: ':memory:' } as const
    const app = await createHoldfast({ ...base, signIn: { breakGlass: true } })
    assert.ok(app.findings.some(({ id }) => id === 'HF-BREAK-GLASS-1'))
    await app.stop()
    await assert.rejects(createHoldfast({ ...base, signIn: { breakGlass: { life: '5h' } } }), {
      message: /signIn.breakGlass.life/,
    })
  })
})
