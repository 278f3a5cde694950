import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startControls, type FakeRequest, type Running } from '../../../test/support/exchange.ts'
import { generateKey, parseKeyring } from '../../crypto/keyring.ts'
import { Secret } from '../../crypto/secret.ts'
import { createMetrics } from '../../observe/metrics/metrics.ts'
import type { Standing } from '../../observe/readiness.ts'
import { client, type ClientOptions } from '../client/client.ts'
import { target } from '../target/target.ts'
import { observe } from './observe.ts'
import { metricsFor, observeOptions, type ObserveInput } from './options.ts'

const TOKEN = 'f3b1c8d97a604e2fb5d0c6a1e8927f43'
const OTHER = '0a9c7e5d3b1f48620c8e6a4d2b0f9713'
const HERE: FakeRequest = { peer: '127.0.0.1', headers: { host: 'localhost:9090' } }
const READY: Standing = { ready: true, draining: false, checks: { database: 'ok' } }

interface Given {
  readonly options?: ObserveInput
  readonly client?: ClientOptions
  readonly origin?: string
  readonly standing?: Standing
}

function start({
  options = { metrics: { token: TOKEN } },
  client: clients = {},
  origin = 'https://app.example',
  standing = READY,
}: Given = {}): Running {
  const readiness = { ask: () => Promise.resolve(standing), drain() {} }
  const observed = { metrics: createMetrics(), readiness }
  return startControls(
    [client, target, observe],
    { client: clients, observe: options },
    { origin, keys: parseKeyring(generateKey()), use: () => observed as never },
  )
}

const bearer = (token: string, more: Record<string, string> = {}) => ({ headers: { authorization: `Bearer ${token}`, ...more } })
const statusOf = async (running: Running, request: FakeRequest) =>
  (await running.run({ target: '/metrics', ...request })).reply?.status

describe('observe: metrics', () => {
  it('are for who has the token, whatever host they name', async () => {
    const running = start()
    const { reply, events } = await running.run({ target: '/metrics', ...bearer(TOKEN, { host: '10.1.2.3:8443' }) })
    assert.equal(reply?.status, 200)
    assert.match(reply?.body ?? '', /holdfast_scrapes_total\{outcome="allowed"\} 1/)
    assert.equal(reply?.head?.['cache-control'], 'no-store')
    assert.deepEqual(events, [])
  })

  it('are refused to who has another token, or none, and only the first is an event', async () => {
    const running = start()
    const wrong = await running.run({ target: '/metrics', ...bearer(OTHER) })
    assert.deepEqual([wrong.reply?.status, wrong.reply?.denial?.code], [401, 'token-required'])
    assert.equal(wrong.reply?.head?.['www-authenticate'], 'Bearer realm="metrics"')
    assert.deepEqual(
      wrong.events.map(({ type, data }) => [type, data]),
      [['authn_token_fail', { use: 'metrics', reason: 'wrong-token', times: 1 }]],
    )
    const none = await running.run({ target: '/metrics' })
    assert.deepEqual([none.reply?.status, none.events.length], [401, 0])
    assert.doesNotMatch(JSON.stringify([wrong.reply, wrong.events]), new RegExp(`${TOKEN}|${OTHER}`))
  })

  it('say once a second that somebody guesses, and count every guess', async () => {
    const running = start()
    for (let n = 0; n < 50; n++) await running.run({ target: '/metrics', ...bearer(OTHER) })
    assert.equal(running.events.length, 1)
    const { reply } = await running.run({ target: '/metrics', ...bearer(TOKEN) })
    assert.match(reply?.body ?? '', /holdfast_scrapes_total\{outcome="wrong-token"\} 50/)
  })

  it('take any of several tokens, so that one can be replaced', async () => {
    const running = start({ options: { metrics: { token: [TOKEN, new Secret(OTHER)] } } })
    assert.deepEqual(await Promise.all([TOKEN, OTHER].map((token) => statusOf(running, bearer(token)))), [200, 200])
  })

  it('take no token in the clear from another machine, right or wrong, unless that is said', async () => {
    for (const token of [TOKEN, OTHER]) {
      const { reply, events } = await start().run({ target: '/metrics', encrypted: false, ...bearer(token) })
      assert.deepEqual([reply?.status, reply?.denial?.code, reply?.close], [403, 'https-required', true])
      assert.equal(events[0]?.data?.['reason'], 'token-in-the-clear')
    }
    const insecurePlaintext = { reason: 'pods talk within one node', until: '2099-01-01' }
    const running = start({ options: { metrics: { token: TOKEN, insecurePlaintext } } })
    assert.equal(await statusOf(running, { encrypted: false, ...bearer(TOKEN) }), 200)
    assert.deepEqual(
      running.findings.map(({ id }) => id),
      ['HF-OBSERVE-1'],
    )
  })

  it('are like any other path to all others where there is no token', async () => {
    assert.equal(await statusOf(start({ options: { metrics: { loopback: true } } }), { peer: '192.0.2.1' }), undefined)
    assert.equal(await statusOf(start({ options: { metrics: false } }), HERE), undefined)
    assert.equal(await statusOf(start({ options: {} }), HERE), undefined)
  })

  it('answer GET and HEAD alone', async () => {
    assert.equal(await statusOf(start(), { method: 'HEAD', ...bearer(TOKEN) }), 200)
    assert.equal(await statusOf(start(), { method: 'POST', ...bearer(TOKEN) }), undefined)
  })
})

describe('observe: this machine', () => {
  const open = (more: Partial<Given> = {}) => start({ options: { metrics: { loopback: true } }, ...more })

  it('may read without a token where that is said, and where the origin is this machine', async () => {
    for (const peer of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '127.8.9.1'])
      assert.equal(await statusOf(open(), { ...HERE, peer }), 200)
    assert.equal(await statusOf(start({ options: {}, origin: 'https://localhost:8443' }), HERE), 200)
    assert.equal(
      await statusOf(start({ options: { metrics: { loopback: false } }, origin: 'https://localhost:8443' }), HERE),
      undefined,
    )
  })

  it('is not who only says so by a forwarded address, through a declared proxy or none (A258)', async () => {
    for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'cf-connecting-ip', 'x-forwarded-proto'])
      for (const peer of ['192.0.2.1', '127.0.0.1'])
        for (const clients of [{}, { trustedProxies: ['loopback'] }, { trustedProxies: ['192.0.2.1'] }])
          assert.equal(
            await statusOf(open({ client: clients }), { peer, headers: { host: 'localhost', [name]: '127.0.0.1' } }),
            undefined,
            `${name} from ${peer}`,
          )
  })

  it('is not a declared proxy on this machine, even one that adds nothing', async () => {
    assert.equal(await statusOf(open({ client: { trustedProxies: ['loopback'] } }), HERE), undefined)
  })

  it('is not who names another host: a page whose name leads here, or a proxy that hands the name on', async () => {
    for (const host of ['app.example', 'attacker.example:9090', 'localhost.attacker.example', '127.0.0.1.nip.io', ''])
      assert.equal(await statusOf(open(), { peer: '127.0.0.1', headers: { host } }), undefined, host)
  })

  it('with a token set may still read without, if that is said; a wrong token is wrong', async () => {
    const running = start({ options: { metrics: { token: TOKEN, loopback: true } } })
    assert.equal(await statusOf(running, HERE), 200)
    assert.equal(await statusOf(running, { ...HERE, ...bearer(OTHER, { host: 'localhost' }) }), 401)
  })
})

describe('observe: health', () => {
  const told = async (running: Running, request: FakeRequest) => {
    const { reply } = await running.run(request)
    return [reply?.status, reply?.body]
  }

  it('says that it lives, to everybody, by any host, and no more', async () => {
    assert.deepEqual(await told(start(), { target: '/healthz', encrypted: false, headers: { host: '10.0.0.1' } }), [200, 'ok\n'])
  })

  it('says whether it is ready, and not why', async () => {
    assert.deepEqual(await told(start(), { target: '/readyz' }), [200, 'ok\n'])
    const standing: Standing = { ready: false, draining: false, checks: { database: 'failed' } }
    for (const target of ['/readyz', '/readyz?details', '/readyz?verbose=1'])
      assert.deepEqual(await told(start({ standing }), { target }), [503, 'unavailable\n'])
  })

  it('says why to who may read the metrics', async () => {
    const standing: Standing = { ready: false, draining: true, checks: { database: 'failed' } }
    assert.deepEqual(await told(start({ standing }), { target: '/readyz?details', ...bearer(TOKEN) }), [
      503,
      `${JSON.stringify(standing)}\n`,
    ])
    assert.deepEqual(await told(start({ standing }), { target: '/readyz?details', ...bearer(OTHER) }), [503, 'unavailable\n'])
  })

  it('stands elsewhere, or nowhere', async () => {
    const running = start({ options: { health: '/alive', ready: false } })
    assert.deepEqual(await told(running, { target: '/alive' }), [200, 'ok\n'])
    for (const target of ['/healthz', '/readyz']) assert.deepEqual(await told(running, { target }), [undefined, undefined])
  })
})

describe('observe: options that cannot be meant', () => {
  for (const [options, why] of [
    [{ metrics: { token: 'short' } }, /has 5 characters, and 32 is the least/],
    [{ metrics: { token: 'a'.repeat(40) } }, /repeats a few characters/],
    [{ metrics: { token: `${TOKEN} x` } }, /cannot have/],
    [{ metrics: { token: 7 as never } }, /observe\.metrics\.token is "number"/],
    [{ metrics: { path: 'metrics' } }, /observe\.metrics\.path/],
    [{ health: '/a/../b' }, /observe\.health/],
    [{ health: '/x', ready: '/x' }, /one path for two things/],
    [{ metrics: { loopback: 'yes' as never } }, /observe\.metrics\.loopback/],
    [{ metrics: { insecurePlaintext: { reason: 'because we can', until: '2099-01-01' } } }, /set without a token/],
    [{ metric: {} } as never, /observe\.metric is not an option/],
  ] as const) {
    it(`do not start: ${why.source}`, () => {
      assert.throws(() => observeOptions(options as ObserveInput), why)
      try {
        observeOptions(options as ObserveInput)
      } catch (error) {
        assert.doesNotMatch((error as Error).message, /f3b1c8d9/)
      }
    })
  }

  it('do not start when their day has passed', () => {
    const insecurePlaintext = { reason: 'pods talk within one node', until: '2020-01-01' }
    assert.throws(() => start({ options: { metrics: { token: TOKEN, insecurePlaintext } } }), /allowed until 2020-01-01/)
  })

  it('count nothing by default where the origin is another machine', () => {
    assert.equal(metricsFor(observeOptions(undefined), { hostname: 'app.example' }), undefined)
    assert.equal(metricsFor(observeOptions({ metrics: {} }), { hostname: 'app.example' })?.loopback, false)
    assert.equal(metricsFor(observeOptions(undefined), { hostname: '[::1]' })?.loopback, true)
  })
})
