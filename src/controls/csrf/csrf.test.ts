import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startControls, type FakeRequest } from '../../../test/support/exchange.ts'
import { generateKey, parseKeyring } from '../../crypto/keyring.ts'
import { randomToken } from '../../crypto/random.ts'
import { Secret } from '../../crypto/secret.ts'
import { defineControl } from '../../engine/control.ts'
import { Body, FormToken } from '../../engine/facts.ts'
import { compileRoutes } from '../../engine/policy.ts'
import type { CurrentSession } from '../session/slot.ts'
import { Session } from '../session/slot.ts'
import { csrf } from './csrf.ts'
import { createFormTokens } from './token.ts'

const OWN = 'https://app.example'
const now = Date.UTC(2026, 0, 1)

/** Stands in for what comes before: path and route, the session that a cookie of one letter names, a form that was read. */
function before(routes: ReturnType<typeof compileRoutes>) {
  return defineControl({
    name: 'before',
    gives: [Session],
    options: () => ({}),
    start: () => ({
      enter(x) {
        x.path = x.target
        x.route = routes(x.method, x.path)
        const name = /\bsid=(\w)/.exec(x.header('cookie') ?? '')?.[1]
        x.set(Session, name === undefined ? null : ({ token: new Secret(name.repeat(43)) } as CurrentSession))
        const field = x.header('test-field')
        if (field === undefined) return
        const value = Object.assign(Object.create(null), { _csrf: field.includes(' ') ? field.split(' ') : field })
        x.set(Body, { type: 'application/x-www-form-urlencoded', value, bytes: Buffer.alloc(0) })
      },
    }),
  })
}

interface Given {
  readonly origin?: string
  readonly keys?: ReturnType<typeof parseKeyring>
}

function start(options: object = {}, { origin = OWN, keys = parseKeyring(generateKey()) }: Given = {}) {
  const exempt = { reason: 'the sender signs its bodies', until: '2099-12-31' }
  const routes = compileRoutes([], [{ path: 'POST /webhook', public: true, insecureWithoutCsrf: exempt }], now)
  return startControls([before(routes), csrf], { csrf: options }, { origin, keys, random: randomToken })
}

type Running = ReturnType<typeof start>

const post = (headers: Record<string, string>, target = '/notes', method = 'POST'): FakeRequest => ({ method, target, headers })

async function reasonOf(running: Running, request: FakeRequest): Promise<unknown> {
  const { reply, events, faults } = await running.run(request)
  assert.deepEqual(faults, [])
  if (reply === undefined) return 'ok'
  assert.equal(reply.status, 403)
  assert.equal(reply.denial?.code, 'csrf-refused')
  assert.deepEqual(
    events.map(({ type, data }) => [type, data?.['reason']]),
    [['malicious_csrf', reply.denial.reason]],
  )
  return reply.denial.reason
}

async function tokenOf(running: Running, headers: Record<string, string>): Promise<string> {
  const { x } = await running.run({ headers })
  const token = x.get(FormToken)!.token()
  assert.equal(typeof token, 'string')
  return token!
}

describe('csrf', () => {
  const cases: [string, Record<string, string>, string][] = [
    ['a form of our own page', { 'sec-fetch-site': 'same-origin', cookie: 'sid=A' }, 'ok'],
    ['a form of another site (A01)', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 'cross-site'],
    ['a form of a sibling domain (A02)', { 'sec-fetch-site': 'same-site', origin: 'https://sub.app.example' }, 'cross-site'],
    ['our own form sent on by another site', { 'sec-fetch-site': 'cross-site', origin: OWN }, 'cross-site'],
    ['two Sec-Fetch-Site in one (A15)', { 'sec-fetch-site': 'same-origin, cross-site' }, 'cross-site'],
    ['an unknown Sec-Fetch-Site', { 'sec-fetch-site': 'Same-Origin' }, 'cross-site'],
    ['an older browser on our own page', { origin: OWN, cookie: 'sid=A' }, 'ok'],
    ['the opaque origin of a sandbox (A03)', { origin: 'null', cookie: 'sid=A' }, 'foreign-origin'],
    ['two origins in one (A15)', { origin: `${OWN}, https://evil.example` }, 'foreign-origin'],
    ['another scheme (A16)', { origin: 'http://app.example' }, 'foreign-origin'],
    ['a suffix (A17)', { origin: 'https://app.example.evil.example' }, 'foreign-origin'],
    ['a prefix (A17)', { origin: 'https://evilapp.example' }, 'foreign-origin'],
    ['another port (A17)', { origin: 'https://app.example:8443' }, 'foreign-origin'],
    ['an empty origin', { origin: '' }, 'foreign-origin'],
    ['a user action in the browser without a session', { 'sec-fetch-site': 'none' }, 'ok'],
    ['a user action in the browser with a session', { 'sec-fetch-site': 'none', cookie: 'sid=A' }, 'token-missing'],
    ['no headers but a session (A04)', { cookie: 'sid=A' }, 'token-missing'],
    ['a program without a cookie (A05)', { authorization: 'Bearer x' }, 'ok'],
    [
      'an odd content type (A06)',
      { 'sec-fetch-site': 'cross-site', 'content-type': 'Application/X-WWW-Form-UrlEncoded' },
      'cross-site',
    ],
    ['no content type (A07)', { 'sec-fetch-site': 'cross-site' }, 'cross-site'],
    ['a tampered token', { cookie: 'sid=A', 'x-csrf-token': `k.${'A'.repeat(86)}` }, 'token-invalid'],
    ['a token of no shape', { cookie: 'sid=A', 'x-csrf-token': 'x' }, 'token-invalid'],
  ]
  for (const [what, headers, expected] of cases) {
    it(`answers ${expected} to ${what}`, async () => assert.equal(await reasonOf(start(), post(headers)), expected))
  }

  it('asks at every method but GET, HEAD and OPTIONS (A10, A11)', async () => {
    const running = start()
    const headers = { 'sec-fetch-site': 'cross-site', 'x-http-method-override': 'GET' }
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'QUERY', 'PROPFIND', 'TRACE', 'get', 'X']) {
      assert.equal(await reasonOf(running, post(headers, '/notes', method)), 'cross-site', method)
    }
    for (const method of ['GET', 'HEAD', 'OPTIONS'])
      assert.equal(await reasonOf(running, post(headers, '/notes', method)), 'ok', method)
  })

  it('lets an exempt route through at its exact path and method only (A12)', async () => {
    const running = start()
    const foreign = { 'sec-fetch-site': 'cross-site' }
    assert.equal(await reasonOf(running, post(foreign, '/webhook')), 'ok')
    for (const target of ['/webhook/', '/Webhook', '//webhook', '/%77ebhook', '/foo/../webhook', '/webhook;x']) {
      assert.equal(await reasonOf(running, post(foreign, target)), 'cross-site', target)
    }
    assert.equal(await reasonOf(running, post(foreign, '/webhook', 'PUT')), 'cross-site')
  })

  it('takes the token of the session, from the header or the field, with each key of the ring', async () => {
    const [old, fresh] = [generateKey('old'), generateKey('new')]
    const token = await tokenOf(start({}, { keys: parseKeyring(old) }), { cookie: 'sid=A' })
    const rotated = start({}, { keys: parseKeyring(`${fresh},${old}`) })
    assert.equal(await reasonOf(rotated, post({ cookie: 'sid=A', 'x-csrf-token': token })), 'ok')
    assert.equal(await reasonOf(rotated, post({ cookie: 'sid=A', 'test-field': token })), 'ok')
    assert.equal(await reasonOf(rotated, post({ cookie: 'sid=A', 'test-field': `${token} ${token}` })), 'token-missing')
    assert.equal(
      await reasonOf(start({}, { keys: parseKeyring(fresh) }), post({ cookie: 'sid=A', 'test-field': token })),
      'token-invalid',
    )
  })

  it('takes no token of another session (A13), nor one with a bit turned', async () => {
    const running = start()
    const token = await tokenOf(running, { cookie: 'sid=A' })
    assert.equal(await reasonOf(running, post({ cookie: 'sid=B', 'x-csrf-token': token })), 'token-invalid')
    const turned = token.replace(/.{3}$/, (end) => (end === 'AAA' ? 'BBB' : 'AAA'))
    assert.equal(await reasonOf(running, post({ cookie: 'sid=A', 'x-csrf-token': turned })), 'token-invalid')
  })

  it('writes a token under another mask each time, in a page that is not stored (A22)', async () => {
    const running = start()
    const { x } = await running.run({ headers: { cookie: 'sid=A' } })
    const form = x.get(FormToken)!
    assert.deepEqual([form.field, form.header], ['_csrf', 'x-csrf-token'])
    const tokens = Array.from({ length: 50 }, () => form.token()!)
    assert.equal(new Set(tokens.map((token) => token.slice(-43))).size, 50)
    assert.equal(x.head.get('cache-control'), 'no-store')
    for (const token of tokens) assert.equal(await reasonOf(running, post({ cookie: 'sid=A', 'x-csrf-token': token })), 'ok')
  })

  it('has no token and sets no cookie for a reader without a session', async () => {
    const { x, cookies } = await start().run()
    assert.equal(x.get(FormToken)!.token(), undefined)
    assert.deepEqual([cookies, x.head.size], [[], 0])
  })

  it('opens a WebSocket only for a present and exact origin, exempt or not (A21)', async () => {
    const running = start({ trustedOrigins: ['https://admin.example'] })
    const upgrade = (headers: Record<string, string>, target = '/live'): FakeRequest => ({ target, headers, upgrade: true })
    assert.equal(await reasonOf(running, upgrade({ origin: OWN })), 'ok')
    assert.equal(await reasonOf(running, upgrade({ origin: 'https://admin.example' })), 'ok')
    for (const headers of [{}, { origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'same-origin' }]) {
      assert.equal(await reasonOf(running, upgrade(headers as Record<string, string>)), 'websocket-origin')
    }
    assert.equal(await reasonOf(running, { ...upgrade({}, '/webhook'), method: 'POST' }), 'websocket-origin')
  })

  it('lets trusted origins act, exactly', async () => {
    const running = start({ trustedOrigins: ['https://admin.example'] })
    assert.equal(await reasonOf(running, post({ 'sec-fetch-site': 'cross-site', origin: 'https://admin.example' })), 'ok')
    assert.equal(await reasonOf(running, post({ origin: 'https://admin.example' })), 'ok')
    assert.equal(
      await reasonOf(running, post({ 'sec-fetch-site': 'cross-site', origin: 'https://x.admin.example' })),
      'cross-site',
    )
  })

  it('reports and lets through with insecureReportOnly, until its day', async () => {
    const insecureReportOnly = { reason: 'finding out what would break', until: '2026-06-30' }
    const running = start({ insecureReportOnly })
    const { reply, events } = await running.run(post({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }))
    assert.equal(reply, undefined)
    assert.deepEqual(events[0]?.data, {
      reason: 'cross-site',
      origin: 'https://evil.example',
      fetchSite: 'cross-site',
      reportOnly: true,
    })
    assert.deepEqual(
      running.findings.map(({ id, severity }) => [id, severity]),
      [['HF-CSRF-1', 'high']],
    )
    assert.throws(() => start({ insecureReportOnly: { ...insecureReportOnly, until: '2025-12-31' } }), /HF_OPTION_INSECURE/)
  })

  it('shows at most 200 characters of what a client sent', async () => {
    const { events } = await start().run(post({ origin: 'x'.repeat(5000) }))
    assert.equal(String(events[0]?.data?.['origin']).length, 200)
  })

  it('refuses options that could not work', () => {
    for (const origin of [
      'https://admin.example/',
      '*',
      'null',
      'https://*.example',
      'HTTPS://admin.example',
      'http://admin.example',
      'https://a.example:443',
    ]) {
      assert.throws(() => start({ trustedOrigins: [origin] }), /HF_OPTION_INVALID: csrf\.trustedOrigins/, origin)
    }
    assert.throws(() => start({ trustedOrigins: 'https://a.example' }), /Give a list/)
    assert.throws(() => start({ tokens: 'never' }), /'auto' or 'always'/)
    assert.throws(() => start({ trustedOrigin: [] }), /Did you mean "trustedOrigins"/)
  })
})

describe("csrf with tokens: 'always'", () => {
  const same = { 'sec-fetch-site': 'same-origin' }

  it('demands the token as well', async () => {
    const running = start({ tokens: 'always' })
    const token = await tokenOf(running, { cookie: 'sid=A' })
    assert.equal(await reasonOf(running, post({ ...same, cookie: 'sid=A' })), 'token-missing')
    assert.equal(await reasonOf(running, post({ ...same, cookie: 'sid=A', 'x-csrf-token': token })), 'ok')
    assert.equal(
      await reasonOf(running, post({ 'sec-fetch-site': 'cross-site', cookie: 'sid=A', 'x-csrf-token': token })),
      'cross-site',
    )
    assert.equal(await reasonOf(running, post({ 'sec-fetch-site': 'cross-site' }, '/webhook')), 'ok')
  })

  it('binds forms before sign-in to a cookie for an hour', async () => {
    const running = start({ tokens: 'always' })
    let token = ''
    const { cookies } = await running.run(
      {},
      (x) => void (token = [x.get(FormToken)!.token(), x.get(FormToken)!.token()!].at(-1)!),
    )
    assert.equal(cookies.length, 1)
    assert.match(cookies[0]!, /^__Host-hf_form=[\w-]{43}; Path=\/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax$/)
    const cookie = cookies[0]!.split(';')[0]!
    assert.equal(await reasonOf(running, post({ ...same, cookie, 'test-field': token })), 'ok')
    assert.equal(await reasonOf(running, post({ ...same, 'test-field': token })), 'token-invalid')
    assert.equal(
      await reasonOf(running, post({ ...same, cookie: `__Host-hf_form=${'x'.repeat(43)}`, 'test-field': token })),
      'token-invalid',
    )
    const again = await running.run({ headers: { cookie } }, (x) => void x.get(FormToken)!.token())
    assert.equal(again.cookies[0]!.split(';')[0], cookie)
  })

  it('keeps the tokens of forms and of sessions apart', () => {
    const tokens = createFormTokens(parseKeyring(generateKey()), randomToken)
    assert.equal(tokens.verify(['session', 'v'], tokens.mask(tokens.sign(['session', 'v']))), true)
    assert.equal(tokens.verify(['session', 'v'], tokens.mask(tokens.sign(['form', 'v']))), false)
  })
})
