import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testAccounts, type TestAccounts } from '../../../test/support/accounts.ts'
import { startControls, type FakeRequest, type Ran } from '../../../test/support/exchange.ts'
import type { NewApiKey } from '../../accounts/types.ts'
import { randomToken } from '../../crypto/random.ts'
import { Principal } from '../../engine/facts.ts'
import { compileRoutes, type RouteOptions } from '../../engine/policy.ts'
import { memoryStore } from '../../store/memory.ts'
import { authenticate } from '../authenticate/authenticate.ts'
import { authorize } from '../authorize/authorize.ts'
import { client } from '../client/client.ts'
import { csrf } from '../csrf/csrf.ts'
import { rateLimit } from '../rate-limit/rate-limit.ts'
import { session } from '../session/session.ts'
import { target } from '../target/target.ts'
import { apiKeys, type ApiKeysInput } from './api-keys.ts'
import { ApiKey } from './slot.ts'

const open: TestAccounts[] = []
after(() => Promise.all(open.map((accounts) => accounts.close())))

interface Options {
  readonly keys?: ApiKeysInput
  readonly routes?: readonly RouteOptions[]
  readonly controls?: Readonly<Record<string, unknown>>
}

async function start({ keys = { accept: ['/api/'] }, routes = [], controls = {} }: Options = {}) {
  const world = await testAccounts()
  open.push(world)
  const ada = await world.addUser('ada', ['admin'])
  const list = [client, target, rateLimit, session, apiKeys, csrf, authenticate, authorize]
  const running = startControls(
    list,
    { apiKeys: keys, ...controls },
    { ...world.surroundings, limits: memoryStore(), routes: compileRoutes(['/', '/api/open'], routes, 0) },
  )
  async function key(more: Partial<NewApiKey> = {}): Promise<{ readonly id: string; readonly text: string }> {
    const input = { userId: ada.id, name: randomToken(16), scopes: ['notes:read'], ...more }
    const made = await world.accounts.apiKeys.create(input, { kind: 'system', id: 'test' })
    assert.ok(made.ok)
    return { id: made.key.id, text: made.text.reveal() }
  }
  const send = (path: string, authorization?: string, more: FakeRequest = {}): Promise<Ran> =>
    running.run({ target: path, ...more, headers: { ...(more.headers as Record<string, string>), authorization } })
  return { ...world, ada, key, send, findings: running.findings }
}

const bearer = (text: string) => `Bearer ${text}`
const basic = (name: string, text: string) => `Basic ${Buffer.from(`${name}:${text}`).toString('base64')}`
const seen = ({ reply }: Ran) => [reply?.status, reply?.denial?.code]

describe('api-keys', () => {
  it('takes a request for its owner where keys are accepted, as Bearer and in Basic', async () => {
    const { key, send, ada } = await start()
    const { id, text } = await key()
    for (const field of [bearer(text), `bearer  ${text}`, basic('', text), basic(id, text), basic(text, '')]) {
      const { reply, x } = await send('/api/notes', field)
      assert.equal(reply, undefined, field)
      assert.deepEqual([x.get(Principal)?.id, x.get(Principal)?.apiKey, x.get(ApiKey)?.id], [ada.id, id, id])
    }
  })

  it('answers the same to every kind of wrong, in RFC 6750’s words', async () => {
    const { key, send, accounts, ada } = await start()
    const { id, text } = await key()
    await accounts.apiKeys.revoke(ada.id, id, { kind: 'system', id: 'test' })
    const wrong = [
      ...[
        bearer(text),
        bearer('hf_key_'),
        bearer(`${text}x`),
        'Bearer',
        'Bearer ',
        'Bearer a b',
        bearer('eyJhbGciOiJub25lIn0.e30.'),
      ],
      ...[
        basic('', text),
        basic(id, text),
        'Basic !',
        'Basic aGY=',
        basic('ada', 'a walrus sings at four'),
        basic(text, 'a walrus sings at four'),
        bearer('x'.repeat(2000)),
      ],
    ]
    const first = (await send('/api/notes', wrong[0])).reply
    assert.deepEqual(
      [first?.status, first?.denial, first?.head],
      [401, { code: 'invalid-token' }, { 'www-authenticate': 'Bearer error="invalid_token"' }],
    )
    for (const field of wrong) assert.deepEqual((await send('/api/notes', field)).reply, first, field)
  })

  it('refuses a right key under the name of another', async () => {
    const { key, send } = await start()
    const [one, other] = [await key(), await key()]
    for (const name of [other.id, 'ada', one.id.toLowerCase() === one.id ? 'X' : one.id.toLowerCase()])
      assert.deepEqual(seen(await send('/api/notes', basic(name, one.text))), [401, 'invalid-token'])
  })

  it('accepts keys nowhere until it is told where, and says nothing of the key', async () => {
    const { key, send } = await start({ keys: {} })
    const { text } = await key()
    for (const field of [bearer(text), bearer('hf_key_nonsense')]) {
      for (const path of ['/api/notes', '/', '/account/keys'])
        assert.deepEqual(seen(await send(path, field)), [403, 'key-not-accepted'])
    }
  })

  it('accepts keys by the canonical path alone, and as a line of the central table says', async () => {
    const routes = [
      { path: 'POST /hooks', apiKeys: true },
      { path: 'GET /api/me', apiKeys: false },
    ]
    const { key, send } = await start({ routes })
    const field = bearer((await key()).text)
    for (const path of ['/api', '/apis/x', '/API/notes', '/x/api/', '/hooks', '/api/me'])
      assert.deepEqual(seen(await send(path, field)), [403, 'key-not-accepted'], path)
    assert.equal((await send('/hooks', field, { method: 'POST' })).reply, undefined)
    assert.equal((await send('/api/a/b', field)).reply, undefined)
    for (const path of ['/x/../api/me', '/api/%6de', '/api//notes', '/api/./me'])
      assert.notEqual((await send(path, field)).reply, undefined, path)
  })

  it('leaves to the application what is not written like a key, on public routes and where no keys are', async () => {
    const { send } = await start()
    for (const field of ['Bearer hf_AbCdEf', 'Basic YTpi', 'Digest x', 'Bearer', 'nonsense']) {
      assert.equal((await send('/', field)).reply, undefined, field)
      assert.equal((await send('/api/open', field)).reply, undefined, field)
      assert.deepEqual(seen(await send('/other', field)), [401, 'sign-in-required'], field)
    }
    assert.deepEqual(seen(await send('/api/notes', 'Digest x')), [401, 'sign-in-required'])
  })

  it('refuses a key in the query on every route, and does not say it in the log', async () => {
    const { key, send } = await start({ keys: { accept: 'everywhere' } })
    const { text } = await key()
    for (const path of ['/', '/api/notes', '/api/open']) {
      const ran = await send(`${path}?access_token=${text}`, bearer(text))
      assert.deepEqual(seen(ran), [400, 'key-in-address'])
      assert.deepEqual(
        ran.events.map(({ type, data }) => [type, data?.['reason']]),
        [['authn_token_fail', 'in-address']],
      )
      assert.equal(JSON.stringify(ran.events).includes(text.slice(20)), false)
    }
  })

  it('refuses a key beside our session’s cookie, alive or not, before it looks at the key', async () => {
    const { key, send } = await start()
    const { text } = await key()
    for (const cookie of [`__Host-hf_sid=${'A'.repeat(43)}`, 'a=b; hf_sid_localhost=x']) {
      for (const field of [bearer(text), basic('', text), bearer('hf_key_wrong')]) {
        const ran = await send('/api/notes', field, { headers: { cookie } })
        assert.deepEqual(seen(ran), [400, 'credentials-ambiguous'], cookie)
        assert.equal(ran.x.get(Principal), null)
      }
    }
    assert.equal((await send('/api/notes', bearer(text), { headers: { cookie: 'theme=hf_sid' } })).reply, undefined)
  })

  it('asks for no proof against cross-site requests with Bearer, and for the usual one with Basic', async () => {
    const { key, send } = await start()
    const { text } = await key()
    const cross = { method: 'POST', headers: { origin: 'https://other.example', 'sec-fetch-site': 'cross-site' } }
    assert.equal((await send('/api/notes', bearer(text), cross)).reply, undefined)
    assert.deepEqual(seen(await send('/api/notes', basic('', text), cross)), [403, 'csrf-refused'])
    assert.equal((await send('/api/notes', basic('', text), { method: 'POST' })).reply, undefined)
    assert.deepEqual(seen(await send('/api/notes', bearer(`${text}x`), cross)), [401, 'invalid-token'])
    const strict = await start({ controls: { csrf: { tokens: 'always' } } })
    const other = (await strict.key()).text
    for (const field of [bearer(other), basic('', other)])
      assert.equal((await strict.send('/api/notes', field, { method: 'POST' })).reply, undefined)
  })

  it('never counts as a strong or a recent proof', async () => {
    for (const everywhere of [{ aal: 2 }, { within: '5m' }, { aal: 2, within: '12h' }] as const) {
      const { key, send } = await start({ controls: { authorize: { everywhere } } })
      assert.deepEqual(seen(await send('/api/notes', bearer((await key()).text))), [403, 'interactive-required'])
    }
    const { key, send } = await start({ controls: { authorize: { everywhere: { aal: 1, permission: 'notes:read' } } } })
    assert.equal((await send('/api/notes', bearer((await key()).text))).reply, undefined)
    assert.deepEqual(seen(await send('/api/notes', bearer((await key({ scopes: [] })).text))), [403, 'not-permitted'])
  })

  it('is no administrator with less than everything', async () => {
    const { key, send } = await start({ controls: { authorize: { everywhere: { role: 'admin' } } } })
    assert.deepEqual(seen(await send('/api/notes', bearer((await key()).text))), [403, 'not-permitted'])
    assert.equal((await send('/api/notes', bearer((await key({ scopes: ['*'] })).text))).reply, undefined)
  })

  it('counts each key by itself, by the limit it was made with', async () => {
    const { key, send } = await start({ controls: { rateLimit: { limits: { principal: '3/min' } } } })
    const [few, many, usual] = [await key({ perMinute: 2 }), await key({ perMinute: 5 }), await key()]
    const allowed = async (text: string) => {
      let count = 0
      while ((await send('/api/notes', bearer(text))).reply === undefined) count++
      return count
    }
    assert.deepEqual([await allowed(few.text), await allowed(many.text), await allowed(usual.text)], [2, 5, 3])
    assert.deepEqual(seen(await send('/api/notes', bearer(few.text))), [429, 'too-many-requests'])
  })

  it('ends a flood of guesses with 429, and says how long', async () => {
    const { send, events } = await start()
    for (let guess = 0; guess < 20; guess++) assert.equal((await send('/api/notes', bearer(`guess-${guess}`))).reply?.status, 401)
    const { reply } = await send('/api/notes', bearer('one-more'))
    assert.deepEqual([reply?.status, reply?.denial?.code], [429, 'too-many-attempts'])
    assert.ok(Number(reply?.head?.['retry-after']) >= 1)
    assert.deepEqual([events.at(-1)?.type, events.at(-1)?.data?.['reason']], ['authn_token_fail', 'throttled'])
  })

  it('serves programs alone where the session is off', async () => {
    const world = await testAccounts()
    open.push(world)
    const { id } = await world.addUser('ada')
    const made = await world.accounts.apiKeys.create({ userId: id, name: 'x', scopes: [] }, { kind: 'system', id: 'test' })
    assert.ok(made.ok)
    const running = startControls(
      [client, target, apiKeys, authenticate],
      { apiKeys: { accept: 'everywhere' } },
      world.surroundings,
    )
    const ask = (headers: Record<string, string>) => running.run({ target: '/x', headers })
    assert.equal((await ask({ authorization: bearer(made.text.reveal()) })).reply, undefined)
    assert.equal((await ask({})).reply?.status, 401)
  })

  it('refuses options that mean nothing, and speaks up for what is wide', async () => {
    for (const accept of ['always', [], ['api/'], ['/api'], ['/'], ['/api/*/'], ['/a//b/'], ['/a/../b/'], [1], null])
      await assert.rejects(start({ keys: { accept } as never }), { code: 'HF_OPTION_INVALID' }, JSON.stringify(accept))
    await assert.rejects(start({ keys: { acept: 'everywhere' } as never }), /Did you mean "accept"/)
    assert.deepEqual((await start()).findings, [])
    assert.deepEqual(
      (await start({ keys: { accept: 'everywhere' } })).findings.map(({ id }) => id),
      ['HF-API-KEYS-1'],
    )
  })
})
