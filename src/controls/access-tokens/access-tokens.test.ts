import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { SignJWT } from 'jose'
import { PASSWORD, testAccounts, type TestAccounts } from '../../../test/support/accounts.ts'
import { startControls, type FakeRequest, type Ran } from '../../../test/support/exchange.ts'
import type { NewApp } from '../../accounts/types.ts'
import { Secret } from '../../crypto/secret.ts'
import { Principal } from '../../engine/facts.ts'
import { compileRoutes, type RouteOptions } from '../../engine/policy.ts'
import { apiKeys, type ApiKeysInput } from '../api-keys/api-keys.ts'
import { authenticate } from '../authenticate/authenticate.ts'
import { authorize } from '../authorize/authorize.ts'
import { client } from '../client/client.ts'
import { csrf } from '../csrf/csrf.ts'
import { session } from '../session/session.ts'
import { target } from '../target/target.ts'
import { accessTokens, type AccessTokensInput } from './access-tokens.ts'
import { AccessToken } from './slot.ts'

const open: TestAccounts[] = []
after(() => Promise.all(open.map((accounts) => accounts.close())))

const FROM = { address: '192.0.2.7', network: '192.0.2.7', userAgent: 'test' }
const SYSTEM = { kind: 'system', id: 'test' } as const

interface Options {
  readonly tokens?: AccessTokensInput
  readonly keys?: ApiKeysInput
  readonly routes?: readonly RouteOptions[]
  readonly controls?: Readonly<Record<string, unknown>>
}

async function start({ tokens = { accept: ['/api/'] }, keys = {}, routes = [], controls = {} }: Options = {}) {
  const world = await testAccounts()
  open.push(world)
  const ada = await world.addUser('ada', ['admin'])
  const list = [client, target, session, accessTokens, apiKeys, csrf, authenticate, authorize]
  const running = startControls(
    list,
    { accessTokens: tokens, apiKeys: keys, ...controls },
    { ...world.surroundings, routes: compileRoutes(['/', '/api/open'], routes, 0) },
  )
  async function app(
    more: Partial<NewApp> = {},
  ): Promise<{ readonly text: string; readonly id: string; readonly refresh: string }> {
    const signedIn = await world.accounts.doors.password.signIn({ login: 'ada', password: new Secret(PASSWORD) }, FROM)
    assert.ok(signedIn.ok)
    const begun = await world.accounts.tokens.begin({ session: signedIn.token.reveal(), client: 'Notes', ...more }, FROM)
    assert.ok(begun.ok)
    return { text: begun.accessToken.reveal(), id: begun.app.id, refresh: begun.refreshToken.reveal() }
  }
  async function key(): Promise<string> {
    const made = await world.accounts.apiKeys.create({ userId: ada.id, name: 'key', scopes: [] }, SYSTEM)
    assert.ok(made.ok)
    return made.text.reveal()
  }
  const send = (path: string, authorization?: string, more: FakeRequest = {}): Promise<Ran> =>
    running.run({ target: path, ...more, headers: { ...(more.headers as Record<string, string>), authorization } })
  return { ...world, ada, app, key, send, findings: running.findings }
}

const bearer = (text: string) => `Bearer ${text}`
const basic = (name: string, text: string) => `Basic ${Buffer.from(`${name}:${text}`).toString('base64')}`
const seen = ({ reply }: Ran) => [reply?.status, reply?.denial?.code]

describe('access-tokens', () => {
  it('takes a request for the user of the app, where tokens are accepted', async () => {
    const { app, send, ada } = await start()
    const { text, id } = await app()
    for (const field of [bearer(text), `bearer  ${text}`]) {
      const { reply, x } = await send('/api/notes', field)
      assert.equal(reply, undefined, field)
      assert.deepEqual(
        [x.get(Principal)?.id, x.get(Principal)?.app, x.get(AccessToken)],
        [ada.id, id, { app: id, client: 'Notes' }],
      )
    }
    assert.equal((await send('/api/open', bearer(text))).x.get(Principal)?.id, ada.id)
  })

  it('answers the same to every kind of wrong, in RFC 6750’s words, and is silent to whoever asks without', async () => {
    const { app, send, accounts, ada, clock } = await start()
    const { text, id } = await app()
    const expired = (await app()).text
    await accounts.tokens.end(ada.id, id, SYSTEM)
    clock.now += 300_000
    const [head, body, signature] = text.split('.')
    const foreign = await new SignJWT({ iss: 'https://other.example' })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .sign(Buffer.alloc(32, 1))
    const wrong = [text, expired, `${head}.${body}.${signature!.slice(2)}`, foreign, 'eyJhbGciOiJub25lIn0.e30.AA']
    const answers = []
    for (const one of wrong) answers.push((await send('/api/notes', bearer(one))).reply)
    assert.deepEqual([answers[0]?.status, answers[0]?.denial], [401, { code: 'invalid-token' }])
    assert.deepEqual(answers[0]?.head, { 'www-authenticate': 'Bearer error="invalid_token"' })
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert.deepEqual(seen(await send('/api/notes')), [401, 'sign-in-required'])
  })

  it('accepts tokens nowhere until it is told where, and says nothing of the token', async () => {
    const { app, send } = await start({ tokens: {} })
    const { text } = await app()
    for (const path of ['/api/notes', '/', '/account/sessions'])
      assert.deepEqual(seen(await send(path, bearer(text))), [403, 'token-not-accepted'])
  })

  it('accepts tokens by the canonical path alone, and as a line of the central table says', async () => {
    const routes = [
      { path: 'POST /hooks', accessTokens: true },
      { path: 'GET /api/me', accessTokens: false },
    ]
    const { app, send } = await start({ routes })
    const field = bearer((await app()).text)
    for (const path of ['/api', '/apis/x', '/API/notes', '/x/api/', '/hooks', '/api/me'])
      assert.deepEqual(seen(await send(path, field)), [403, 'token-not-accepted'], path)
    assert.equal((await send('/hooks', field, { method: 'POST' })).reply, undefined)
    for (const path of ['/x/../api/me', '/api/%6de', '/api//notes'])
      assert.notEqual((await send(path, field)).reply, undefined, path)
  })

  it('tells a key from a token by its form, wherever one or both are accepted', async () => {
    const { app, key, send } = await start({ keys: { accept: ['/keys/', '/both/'] }, tokens: { accept: ['/api/', '/both/'] } })
    const [token, secret] = [(await app()).text, await key()]
    const answers: Record<string, unknown> = {}
    for (const path of ['/api/x', '/keys/x', '/both/x', '/'])
      answers[path] = [
        (await send(path, bearer(token))).reply?.denial?.code,
        (await send(path, bearer(secret))).reply?.denial?.code,
      ]
    assert.deepEqual(answers, {
      '/api/x': [undefined, 'key-not-accepted'],
      '/keys/x': ['token-not-accepted', undefined],
      '/both/x': [undefined, undefined],
      '/': ['token-not-accepted', 'key-not-accepted'],
    })
  })

  it('leaves tokens of other issuers to the application, on public routes and where none are accepted', async () => {
    const { send } = await start()
    const foreign = await new SignJWT({ iss: 'https://other.example' })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.alloc(32, 1))
    for (const path of ['/', '/api/open']) assert.equal((await send(path, bearer(foreign))).reply, undefined)
    assert.deepEqual(seen(await send('/other', bearer(foreign))), [401, 'sign-in-required'])
    assert.deepEqual(seen(await send('/api/notes', bearer(foreign))), [401, 'invalid-token'])
  })

  it('refuses a token beside our session’s cookie, and in the query, and does not say it in the log', async () => {
    const { app, send } = await start()
    const { text, refresh } = await app()
    for (const cookie of [`__Host-hf_sid=${'A'.repeat(43)}`, 'a=b; hf_sid_localhost=x']) {
      const ran = await send('/api/notes', bearer(text), { headers: { cookie } })
      assert.deepEqual(seen(ran), [400, 'credentials-ambiguous'])
      assert.equal(ran.x.get(Principal), null)
    }
    for (const query of [`access_token=${text}`, `a=b&access_token=${text}`, `refresh_token=${refresh}`]) {
      const ran = await send(`/?${query}`)
      assert.deepEqual(seen(ran), [400, 'token-in-address'])
      assert.equal(JSON.stringify(ran.events).includes(text.slice(-20)), false)
    }
    assert.equal((await send('/?access_token=eyJhbGciOiJub25lIn0.e30.AA')).reply, undefined, 'not one of ours')
  })

  it('takes nothing but an access token: no refresh token, no session, no Basic', async () => {
    const { app, send, accounts } = await start({ tokens: { accept: 'everywhere' } })
    const { text, refresh } = await app()
    const signedIn = await accounts.doors.password.signIn({ login: 'ada', password: new Secret(PASSWORD) }, FROM)
    assert.ok(signedIn.ok)
    for (const field of [
      bearer(refresh),
      bearer(signedIn.token.reveal()),
      basic('', text),
      basic(text, ''),
      basic('ada', PASSWORD),
    ])
      assert.equal((await send('/api/notes', field)).reply?.status, 401, field)
  })

  it('asks for no proof against cross-site requests: no browser sends the field by itself', async () => {
    const { app, send } = await start()
    const cross = { method: 'POST', headers: { origin: 'https://other.example', 'sec-fetch-site': 'cross-site' } }
    assert.equal((await send('/api/notes', bearer((await app()).text), cross)).reply, undefined)
    assert.deepEqual(seen(await send('/api/notes', undefined, cross)), [403, 'csrf-refused'])
  })

  it('holds a requirement by what the user proved, and else tells the app how to ask them (RFC 9470)', async () => {
    const cases = [
      [{ aal: 1, within: '5m' }, 0, undefined],
      [{ within: '4m' }, 240_001, 'Bearer error="insufficient_user_authentication", max_age="240"'],
      [{ aal: 2 }, 0, 'Bearer error="insufficient_user_authentication", acr_values="aal2"'],
      [{ aal: 2, within: '5m' }, 0, 'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="300"'],
    ] as const
    for (const [everywhere, later, challenge] of cases) {
      const { app, send, clock } = await start({ controls: { authorize: { everywhere } } })
      const field = bearer((await app()).text)
      clock.now += later
      const { reply } = await send('/api/notes', field)
      assert.deepEqual(
        [reply?.status, reply?.head?.['www-authenticate']],
        challenge === undefined ? [undefined, undefined] : [401, challenge],
      )
    }
  })

  it('may no more than its scopes, and has roles only when they hold everything', async () => {
    const { app, send } = await start({ controls: { authorize: { everywhere: { permission: 'notes:write' } } } })
    assert.equal((await send('/api/notes', bearer((await app()).text))).reply, undefined)
    assert.equal((await send('/api/notes', bearer((await app({ scopes: ['notes:*'] })).text))).reply, undefined)
    assert.deepEqual(seen(await send('/api/notes', bearer((await app({ scopes: ['notes:read'] })).text))), [403, 'not-permitted'])
    const roles = await start({ controls: { authorize: { everywhere: { role: 'admin' } } } })
    assert.deepEqual(seen(await roles.send('/api/x', bearer((await roles.app({ scopes: ['notes:*'] })).text))), [
      403,
      'not-permitted',
    ])
    assert.equal((await roles.send('/api/x', bearer((await roles.app()).text))).reply, undefined)
  })

  it('[L90] answers every Authorization field, whatever is in it, without a fault', async () => {
    const { app, key, send } = await start({ keys: { accept: 'everywhere' }, tokens: { accept: 'everywhere' } })
    const [text, secret] = [(await app()).text, await key()]
    const scheme = fc.constantFrom('Bearer', 'bearer ', 'Basic', 'BASIC', 'Digest', '', 'Bearer Basic')
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: 'binary-ascii', maxLength: 300 }).map((raw) => Buffer.from(raw).toString('base64')),
      fc
        .array(fc.base64String({ maxLength: 80 }), { minLength: 3, maxLength: 3 })
        .map((parts) => parts.join('.').replaceAll('=', '')),
      fc
        .array(fc.json(), { minLength: 3, maxLength: 3 })
        .map((parts) => parts.map((part) => Buffer.from(part).toString('base64url')).join('.')),
      fc.nat(text.length).map((cut) => text.slice(0, cut)),
      fc.nat(text.length - 1).map((at) => `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`),
      fc.nat(secret.length).map((cut) => Buffer.from(`${secret.slice(0, cut)}:`).toString('base64')),
    )
    await fc.assert(
      fc.asyncProperty(scheme, value, async (name, sent) => {
        const field = `${name} ${sent}`.replaceAll(/[\r\n\0]/g, '')
        const { reply, faults, x } = await send('/api/notes', field)
        assert.deepEqual(faults, [])
        if (x.get(Principal)) return assert.ok(field.includes(secret) || field.trimEnd().endsWith(text) || isKey(sent, secret))
        return assert.ok(reply !== undefined && reply.status >= 400 && reply.status < 500, `${reply?.status}`)
      }),
      { numRuns: 400 },
    )
  })

  it('refuses options that mean nothing, and speaks up for what is wide', async () => {
    const wrong = [
      { accept: ['/api'] },
      { accept: 'always' },
      { life: '2h' },
      { life: '1s' },
      { life: '5m', idle: '5m' },
      { idle: '10d', absolute: '5d' },
      { rotate: '1h' },
      { algorithm: 'HS256' },
      { audiences: ['a', 'a'] },
      { audiences: [''] },
      { audiences: 'https://app.example' },
      { claims: {} },
    ]
    for (const tokens of wrong)
      await assert.rejects(start({ tokens: tokens as never }), { code: 'HF_OPTION_INVALID' }, JSON.stringify(tokens))
    await assert.rejects(start({ tokens: { acept: 'everywhere' } as never }), /Did you mean "accept"/)
    assert.deepEqual((await start()).findings, [])
    const wide = { accept: 'everywhere', life: '1h', absolute: '400d' } as const
    const ids = (await start({ tokens: wide })).findings.map(({ id }) => id)
    assert.deepEqual(ids, ['HF-ACCESS-TOKENS-1', 'HF-ACCESS-TOKENS-2', 'HF-ACCESS-TOKENS-3'])
  })
})

function isKey(sent: string, secret: string): boolean {
  return Buffer.from(sent, 'base64').toString() === `${secret}:`
}
