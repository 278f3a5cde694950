import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startControls } from '../../../test/support/exchange.ts'
import { cors, type CorsOptions } from './cors.ts'

const SHOP = 'https://shop.example'
const app = (options: CorsOptions = {}) => startControls([cors], { cors: options })
const names = (head: ReadonlyMap<string, unknown>) => [...head.keys()].filter((name) => name.startsWith('access-control-'))
const preflight = (origin: string, method = 'GET', more: Record<string, string> = {}) => ({
  method: 'OPTIONS',
  headers: { origin, 'access-control-request-method': method, ...more },
})

describe('cors, off', () => {
  it('sends no header at all', async () => {
    for (const origin of ['https://evil.example', 'null', SHOP, 'https://app.example']) {
      const { head, reply } = await app().run({ headers: { origin } })
      assert.deepEqual([...head], [], origin)
      assert.equal(reply, undefined)
    }
  })

  it('refuses preflights of others and says so', async () => {
    const { reply, events } = await app().run(preflight(SHOP))
    assert.equal(reply?.status, 403)
    assert.deepEqual(
      events.map(({ type, data }) => [type, data?.['origin']]),
      [['malicious_cors', SHOP]],
    )
  })

  it('leaves OPTIONS of the own origin to the application', async () => {
    assert.equal((await app().run(preflight('https://app.example'))).reply, undefined)
    assert.equal((await app().run({ method: 'OPTIONS' })).reply, undefined)
  })
})

describe('cors, with origins', () => {
  const shop = { origins: [SHOP], credentials: true, methods: ['PUT'], headers: ['X-Total'], expose: ['X-Page'] }

  it('lets a listed origin read', async () => {
    const { head } = await app(shop).run({ headers: { origin: SHOP } })
    assert.equal(head.get('access-control-allow-origin'), SHOP)
    assert.equal(head.get('access-control-allow-credentials'), 'true')
    assert.equal(head.get('access-control-expose-headers'), 'x-page')
  })

  it('answers its preflight with the lists, and stops there', async () => {
    const { reply, head } = await app(shop).run(preflight(SHOP, 'PUT', { 'access-control-request-headers': 'x-total' }))
    assert.equal(reply?.status, 204)
    assert.deepEqual(reply.head, {
      'access-control-allow-methods': 'GET, HEAD, POST, PUT',
      'access-control-allow-headers': 'x-total',
      'access-control-max-age': '600',
    })
    assert.equal(head.get('access-control-allow-origin'), SHOP)
  })

  it('refuses the preflight of another method or header', async () => {
    for (const request of [
      preflight(SHOP, 'DELETE'),
      preflight(SHOP, 'put'),
      preflight(SHOP, 'GET', { 'access-control-request-headers': 'x-total, x-other' }),
    ]) {
      const { reply, head } = await app(shop).run(request)
      assert.equal(reply?.status, 403)
      assert.deepEqual(names(head), [])
    }
  })

  it('gives others neither header (A23, A24, A25)', async () => {
    const strangers = [
      'https://evil.example',
      'null',
      'http://shop.example',
      'https://shop.example:8443',
      'https://shop-example',
      'https://shop.example.evil.net',
      'https://evilshop.example',
      'https://shop.example.',
      'https://shop.example%60.evil.net',
      'https://SHOP.example',
      `${SHOP}, ${SHOP}`,
      `${SHOP}/`,
    ]
    for (const origin of strangers) {
      const { head } = await app(shop).run({ headers: { origin } })
      assert.deepEqual(names(head), [], origin)
      assert.equal((await app(shop).run(preflight(origin))).reply?.status, 403, origin)
    }
  })

  it('says on every answer that it depends on the origin, and never what the request says (A26)', async () => {
    for (const headers of [{}, { origin: SHOP }, { origin: 'https://evil.example' }, { vary: 'X-Injected' }] as Record<
      string,
      string
    >[])
      assert.equal((await app(shop).run({ headers })).head.get('vary'), 'Origin')
  })

  it('never allows the way into a private network (A27)', async () => {
    const { reply, head } = await app(shop).run(preflight(SHOP, 'GET', { 'access-control-request-private-network': 'true' }))
    assert.equal(reply?.status, 204)
    assert.ok(!('access-control-allow-private-network' in reply.head!) && !head.has('access-control-allow-private-network'))
  })

  it('looks at each character of a header list once (A28)', async () => {
    const { reply } = await app(shop).run(
      preflight(SHOP, 'GET', { 'access-control-request-headers': `${' '.repeat(16_000)}x-other` }),
    )
    assert.equal(reply?.status, 403)
  })
})

describe('cors, patterns', () => {
  const all = { origins: ['https://*.shop.example', 'https://*.dev.example:8443'] }
  const allowed = async (origin: string) => (await app(all).run({ headers: { origin } })).head.get('access-control-allow-origin')

  it('allows names below, on a label boundary', async () => {
    for (const origin of ['https://a.shop.example', 'https://a.b.shop.example', 'https://a.dev.example:8443'])
      assert.equal(await allowed(origin), origin)
  })

  it('allows nothing else', async () => {
    for (const origin of [
      'https://shop.example',
      'https://evilshop.example',
      'http://a.shop.example',
      'https://a.shop.example:8443',
      'https://a.dev.example',
      'https://.shop.example',
      'https://evil.net#.shop.example',
      'https://evil.net/.shop.example',
      'https://evil.net`.shop.example',
      'https://x@.shop.example',
    ])
      assert.equal(await allowed(origin), undefined, origin)
  })

  it('advises against credentials for whole trees', () => {
    assert.deepEqual(
      startControls([cors], { cors: { ...all, credentials: true } }).findings.map(({ id }) => id),
      ['HF-CORS-1', 'HF-CORS-1'],
    )
  })
})

describe('cors, options', () => {
  it('allows everybody only without credentials (A29)', async () => {
    assert.equal((await app({ origins: ['*'] }).run({ headers: { origin: SHOP } })).head.get('access-control-allow-origin'), '*')
    assert.deepEqual(names((await app({ origins: ['*'] }).run({ headers: { origin: 'null' } })).head), [])
    assert.throws(() => app({ origins: ['*'], credentials: true }), /HF_OPTION_INVALID/)
  })

  it('refuses what is not exactly an origin', () => {
    for (const origin of [
      'null',
      'shop.example',
      'https://shop.example/',
      'https://shop.example:443',
      'HTTPS://shop.example',
      'https://*',
      'https://*.example',
      'https://*.1.2.3.4',
      'https://a*.shop.example',
      'https://*.*.example.com',
      '/shop/',
      '',
    ])
      assert.throws(() => app({ origins: [origin] }), /HF_OPTION_INVALID/, origin)
    assert.throws(() => app({ origins: ['*', SHOP] }), /HF_OPTION_INVALID/)
    assert.throws(() => app({ origins: /shop/ as never }), /HF_OPTION_INVALID/)
  })

  it('refuses stars for headers, unknown methods and long memories', () => {
    assert.throws(() => app({ headers: ['*'] }), /HF_OPTION_INVALID/)
    assert.throws(() => app({ expose: ['a b'] }), /HF_OPTION_INVALID/)
    assert.throws(() => app({ methods: ['TRACE'] }), /HF_OPTION_INVALID/)
    assert.throws(() => app({ maxAge: '1d' }), /HF_OPTION_INVALID/)
  })
})
