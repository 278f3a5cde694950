import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { PASSWORD, testAccounts, type TestAccounts } from '../../../test/support/accounts.ts'
import { startControls, type Ran } from '../../../test/support/exchange.ts'
import { enrol, STEP } from '../../../test/support/second-factor.ts'
import { Principal } from '../../engine/facts.ts'
import { compileRoutes } from '../../engine/policy.ts'
import { accessTokens } from '../access-tokens/access-tokens.ts'
import { apiKeys } from '../api-keys/api-keys.ts'
import { authenticate } from '../authenticate/authenticate.ts'
import { body } from '../body/body.ts'
import { client } from '../client/client.ts'
import { consolePages } from '../console/console.ts'
import { csrf } from '../csrf/csrf.ts'
import { headers } from '../headers/headers.ts'
import { session } from '../session/session.ts'
import { target } from '../target/target.ts'
import { kitRoutes, readSignInOptions, signIn, type SignInInput } from './sign-in.ts'

const open: TestAccounts[] = []
after(() => Promise.all(open.map((accounts) => accounts.close())))

interface Tokens {
  readonly access_token: string
  readonly token_type: string
  readonly expires_in: number
  readonly refresh_token: string
  readonly scope: string
}

/** ada is an administrator without a second factor, bob a member with one. */
async function start(options: SignInInput = {}) {
  const world = await testAccounts()
  open.push(world)
  await world.addUser('ada', ['admin'])
  await world.addUser('bob')
  const given = { tokens: true, ...options }
  const routes = compileRoutes(['/open'], kitRoutes(readSignInOptions(given)), world.clock.now)
  const list = [client, headers, target, body, session, accessTokens, apiKeys, csrf, authenticate, signIn, consolePages]
  const running = startControls(
    list,
    { signIn: given, accessTokens: { accept: ['/api/'] }, console: { apps: true, tenants: true } },
    { ...world.surroundings, routes },
  )
  const get = (path: string, more: Record<string, string | undefined> = {}) => running.run({ target: path, headers: more })
  /** As an app sends it: no cookie, and nothing that a browser adds. */
  const post = (path: string, value: object, more: Record<string, string | undefined> = {}) =>
    running.run({
      method: 'POST',
      target: path,
      headers: { 'content-type': 'application/json', ...more },
      body: JSON.stringify(value),
    })
  const asApp = { as: 'token', client: 'Notes on a phone' }
  const enter = (login: string, more: object = {}) => post('/login', { login, password: PASSWORD, ...asApp, ...more })
  const cookieOf = ({ cookies }: Ran) => cookies.find((line) => line.startsWith('__Host-hf_sid='))!.split(';')[0]!
  const browser = async (login: string) => cookieOf(await post('/login', { login, password: PASSWORD }))
  const app = await enrol(world.accounts, (await browser('bob')).split('=')[1]!, () => world.clock.now)
  world.clock.now += STEP
  const asks = async (text: string) => (await get('/api/notes', { authorization: `Bearer ${text}` })).x.get(Principal)?.login
  return { ...world, get, post, send: running.run, enter, asApp, browser, app, asks, events: running.events }
}

function tokensOf({ reply, cookies }: Ran): Tokens {
  assert.equal(reply?.status, 200, `${reply?.denial?.code} ${reply?.body}`)
  assert.equal(reply.head?.['cache-control'], 'no-store')
  assert.deepEqual(cookies, [], 'an app gets no cookie')
  return JSON.parse(reply.body!) as Tokens
}
const isDenied = ({ reply, cookies }: Ran, status: number, code: string) => {
  assert.deepEqual([reply?.status, reply?.denial?.code ?? JSON.parse(reply?.body ?? '{}').code], [status, code])
  assert.deepEqual(cookies, [])
}

describe('an app that signs in', () => {
  it('gets tokens at the door of the password, and no cookie', async () => {
    const { enter, asks, accounts, clock } = await start()
    const { access_token, refresh_token, ...rest } = tokensOf(await enter('ada'))
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 300, scope: '*' })
    assert.equal(await asks(access_token), 'ada')
    assert.match(refresh_token, /^hf_refresh_/)
    const { id } = (await accounts.users.byLogin('ada'))!
    assert.deepEqual(await accounts.sessions.list(id, clock.now), [])
    assert.deepEqual(
      (await accounts.tokens.list(id, clock.now)).map((one) => one.client),
      ['Notes on a phone'],
    )
  })

  it('gives a second factor like everybody; what waits is named in the body', async () => {
    const { enter, post, asApp, app, asks } = await start()
    const first = await enter('bob')
    isDenied(first, 401, 'second-factor-required')
    const { pending, kinds } = JSON.parse(first.reply!.body!) as { pending: string; kinds: string[] }
    assert.deepEqual(kinds, ['totp', 'recovery-codes'])
    assert.equal(await asks(pending), undefined)
    isDenied(await post('/login/factor', { ...asApp, pending, code: '000000' }), 401, 'second-factor-failed')
    isDenied(await post('/login/factor', { ...asApp, code: app.code() }), 401, 'sign-in-expired')
    const { access_token } = tokensOf(await post('/login/factor', { ...asApp, pending, code: app.code() }))
    assert.equal(await asks(access_token), 'bob')
    const claims = JSON.parse(Buffer.from(access_token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>
    assert.deepEqual([claims['acr'], claims['amr']], ['aal2', ['pwd', 'otp']])
    isDenied(await post('/login/factor', { ...asApp, pending, code: app.code(1) }), 401, 'sign-in-expired')
  })

  it('[L91] is told the same, whoever it was, and may only ask for what can be given', async () => {
    const { enter } = await start()
    isDenied(await enter('ada', { password: 'wrong' }), 401, 'sign-in-failed')
    isDenied(await enter('nobody'), 401, 'sign-in-failed')
    isDenied(await enter('ada', { client: '' }), 422, 'client-invalid')
    isDenied(await enter('ada', { client: 'x'.repeat(81) }), 422, 'client-invalid')
    isDenied(await enter('ada', { scope: 'Notes' }), 422, 'scope-invalid')
    isDenied(await enter('ada', { scope: 'x'.repeat(100_000) }), 422, 'client-invalid')
    isDenied(await enter('ada', { audience: 'https://other.example' }), 422, 'audience-unknown')
    isDenied(await enter('ada', { as: 'cookie' }), 400, 'tokens-not-offered')
    assert.equal(tokensOf(await enter('ada', { scope: 'notes:read  files:read' })).scope, 'files:read notes:read')
  })

  it('acts in the one tenant that it asked for, at the door and for a session', async () => {
    const { enter, get, post, browser, accounts } = await start()
    const { id: ownerId } = (await accounts.users.byLogin('ada'))!
    const made = await accounts.tenants.create({ name: 'Acme', ownerId }, { kind: 'system', id: 'test' })
    assert.ok(made.ok)
    const tenant = made.tenant.id
    const placeOf = async ({ access_token: text }: Tokens) =>
      (await get('/api/notes', { authorization: `Bearer ${text}` })).x.get(Principal)?.tenant?.id
    assert.equal(await placeOf(tokensOf(await enter('ada', { tenant }))), tenant)
    assert.equal(await placeOf(tokensOf(await enter('ada'))), undefined)
    const own = { cookie: await browser('ada'), 'sec-fetch-site': 'same-origin' }
    assert.equal(await placeOf(tokensOf(await post('/auth/token', { client: 'Phone', tenant }, own))), tenant)
    isDenied(await post('/auth/token', { client: 'Phone', tenant: 'nothing' }, own), 422, 'unknown-tenant')
    isDenied(await enter('ada', { tenant: 'x'.repeat(65) }), 422, 'client-invalid')
    assert.equal((await get('/account/apps', own)).reply?.body?.match(/In Acme alone: /g)?.length, 2)
  })

  it('[L72] gets tokens by POST alone, as JSON alone, and never beside a session', async () => {
    const { get, post, send, browser, asApp } = await start()
    const cookie = await browser('ada')
    for (const path of ['/auth/token', '/auth/refresh', '/auth/revoke'])
      assert.equal((await get(path, { cookie })).reply?.status, 405)
    const fields = new URLSearchParams({ ...asApp, login: 'ada', password: PASSWORD }).toString()
    assert.equal((await get(`/login?${fields}`)).reply?.body?.includes('access_token'), false)
    const form = (accept: string) =>
      send({
        method: 'POST',
        target: '/login',
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept },
        body: fields,
      })
    isDenied(await form('text/html'), 406, 'json-only')
    tokensOf(await form('application/json'))
    const beside = { cookie, 'sec-fetch-site': 'same-origin' }
    isDenied(await post('/login', { ...asApp, login: 'ada', password: PASSWORD }, beside), 400, 'credentials-ambiguous')
    isDenied(await post('/login/again', { ...asApp, password: PASSWORD }, beside), 400, 'credentials-ambiguous')
  })

  it('is sent away where tokens are accepted nowhere', async () => {
    const { enter, post } = await start({ tokens: false })
    isDenied(await enter('ada'), 400, 'tokens-not-offered')
    assert.equal((await post('/auth/refresh', {})).reply?.status, 401)
  })

  it('may do nothing for somebody who must have a second factor and has none, once the grace is over', async () => {
    const { enter, get, clock, post } = await start({ secondFactor: { roles: ['admin'], grace: '1d' } })
    const { access_token, refresh_token } = tokensOf(await enter('ada'))
    assert.equal((await get('/api/notes', { authorization: `Bearer ${access_token}` })).reply, undefined)
    clock.now += 86_400_000
    const next = tokensOf(await post('/auth/refresh', { refresh_token }))
    isDenied(await get('/api/notes', { authorization: `Bearer ${next.access_token}` }), 403, 'second-factor-enrolment-required')
  })
})

describe('an app of somebody whose address is not verified', () => {
  it('may do as little as they', async () => {
    const { enter, get } = await start({ requireVerified: true, mail: true })
    const { access_token } = tokensOf(await enter('ada'))
    isDenied(await get('/api/notes', { authorization: `Bearer ${access_token}` }), 403, 'address-not-verified')
  })
})

describe('the addresses of tokens', () => {
  it('give tokens for a session that was proved a moment ago, which lives on', async () => {
    const { post, get, browser, asks, clock, asApp } = await start()
    const cookie = await browser('ada')
    const own = { cookie, 'sec-fetch-site': 'same-origin' }
    isDenied(await post('/auth/token', asApp), 401, 'sign-in-required')
    isDenied(await post('/auth/token', { client: 'x' }, { cookie, 'sec-fetch-site': 'cross-site' }), 403, 'csrf-refused')
    isDenied(await post('/auth/token', {}, own), 422, 'client-invalid')
    const { access_token } = tokensOf(await post('/auth/token', { client: 'A page' }, own))
    assert.equal(await asks(access_token), 'ada')
    assert.equal((await get('/notes', { cookie })).reply, undefined)
    clock.now += 600_001
    isDenied(await post('/auth/token', { client: 'A page' }, own), 401, 'recent-proof-required')
    const authorization = `Bearer ${access_token}`
    isDenied(await post('/auth/token', { client: 'x' }, { authorization }), 403, 'token-not-accepted')
  })

  it('renew tokens, and answer everything that is wrong with one answer', async () => {
    const { enter, post, asks, events } = await start()
    const first = tokensOf(await enter('ada'))
    const second = tokensOf(await post('/auth/refresh', { refresh_token: first.refresh_token }))
    const third = tokensOf(await post('/auth/refresh', { refresh_token: second.refresh_token }))
    assert.equal(await asks(third.access_token), 'ada')
    for (const refresh_token of [
      '',
      'x',
      third.refresh_token.slice(0, -1),
      third.access_token,
      first.refresh_token,
      third.refresh_token,
    ]) {
      const ran = await post('/auth/refresh', { refresh_token })
      isDenied(ran, 401, 'invalid-token')
      assert.equal(ran.reply?.head?.['www-authenticate'], 'Bearer error="invalid_token"')
    }
    assert.equal(await asks(third.access_token), undefined, 'one that was used up was used again')
    for (const value of [{}, { refresh_token: 1 }, { refresh_token: null }, { refresh_token: ['x'] }, []])
      isDenied(await post('/auth/refresh', value), 401, 'invalid-token')
    assert.equal(JSON.stringify(events).includes(second.refresh_token.slice(40)), false)
  })

  it('[L33] end an app by either token, say the same of what is none, and fail when the store does', async () => {
    const { enter, post, asks, database } = await start()
    const [one, other] = [tokensOf(await enter('ada')), tokensOf(await enter('ada'))]
    for (const token of [one.refresh_token, one.refresh_token, 'nonsense', '', other.access_token]) {
      const { reply } = await post('/auth/revoke', { token })
      assert.deepEqual([reply?.status, reply?.body], [200, '{"ok":true}'])
    }
    assert.deepEqual([await asks(one.access_token), await asks(other.access_token)], [undefined, undefined])
    await database.statement('ALTER TABLE hf_refresh RENAME TO hf_gone').run()
    assert.equal((await post('/auth/revoke', { token: one.refresh_token })).reply?.status, 500)
  })

  it('publish the keys, by which anybody can verify a token', async () => {
    const { enter, get } = await start()
    const { access_token } = tokensOf(await enter('ada'))
    const { reply, head } = await get('/.well-known/jwks.json')
    assert.equal(reply?.status, 200)
    assert.equal(reply.head?.['content-type'], 'application/jwk-set+json')
    assert.equal(reply.head?.['cache-control'], 'public, max-age=900')
    assert.equal(head.has('set-cookie'), false)
    const jwks = JSON.parse(reply.body!) as { keys: Record<string, unknown>[] }
    assert.ok(jwks.keys.length === 2 && jwks.keys.every((key) => !('d' in key)))
    const { payload } = await jwtVerify(access_token, createLocalJWKSet(jwks as never), {
      issuer: 'https://app.example',
      audience: 'https://app.example',
      typ: 'at+jwt',
      currentDate: new Date(Date.UTC(2026, 0, 1) + STEP),
    })
    assert.equal(payload['client_id'], 'Notes on a phone')
  })
})

describe('the page of apps', () => {
  it('lists one’s own, with what they may, and ends one', async () => {
    const { enter, browser, get, post, asks, events } = await start()
    const tokens = tokensOf(await enter('ada', { client: '<b>Phone</b>', scope: 'notes:read' }))
    const cookie = await browser('ada')
    const own = { cookie, 'sec-fetch-site': 'same-origin' }
    const shown = (await get('/account/apps', { cookie, accept: 'text/html' })).reply!
    assert.match(shown.body!, /&lt;b&gt;Phone&lt;\/b&gt;/)
    assert.match(shown.body!, /notes:read/)
    assert.match(shown.body!, /<form method="post" action="\/account\/apps\/end">/)
    const listed = JSON.parse((await get('/account/apps', { cookie, accept: 'application/json' })).reply!.body!) as {
      apps: { id: string }[]
    }
    const [app] = listed.apps
    assert.equal((await post('/account/apps/end', { app: 'A'.repeat(22) }, own)).reply?.status, 404)
    assert.equal(
      (await post('/account/apps/end', { app: app!.id }, { authorization: `Bearer ${tokens.access_token}` })).reply?.status,
      403,
    )
    assert.equal(await asks(tokens.access_token), 'ada')
    assert.equal((await post('/account/apps/end', { app: app!.id }, own)).reply?.body, '{"ok":true}')
    assert.equal(await asks(tokens.access_token), undefined)
    assert.equal((await get('/account/apps/end', { cookie })).reply?.status, 405)
    assert.equal(
      events
        .filter(({ type }) => type === 'authz_fail')
        .some(({ data }) => data?.['reason'] === 'app of nobody or of another user'),
      true,
    )
    assert.match((await get('/account/apps', { cookie, accept: 'text/html' })).reply!.body!, /No app is signed in/)
  })

  it('is reached by everything that ends sessions, too', async () => {
    const { enter, browser, post, asks } = await start()
    const { access_token, refresh_token } = tokensOf(await enter('ada'))
    const cookie = await browser('ada')
    await post('/account/sessions/end-others', {}, { cookie, 'sec-fetch-site': 'same-origin' })
    assert.equal(await asks(access_token), undefined)
    isDenied(await post('/auth/refresh', { refresh_token }), 401, 'invalid-token')
  })
})
