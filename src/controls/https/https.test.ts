import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startControls, type FakeRequest } from '../../../test/support/exchange.ts'
import { client } from '../client/client.ts'
import { target } from '../target/target.ts'
import { https } from './https.ts'

const list = [client, target, https]
const running = startControls(list)
const clear = (request: FakeRequest = {}, app = running) => app.run({ encrypted: false, ...request })

describe('https', () => {
  it('lets encrypted requests on', async () => assert.equal((await running.run()).reply, undefined))

  it('sends readers to the configured origin, not to the one they asked for', async () => {
    for (const method of ['GET', 'HEAD']) {
      const { reply } = await clear({ method, target: '/a/b?c=d', headers: { host: 'evil.example' } })
      assert.equal(reply?.status, 308)
      assert.equal(reply.head?.['location'], 'https://app.example/a/b?c=d')
    }
  })

  it('refuses forms and credentials that came in the clear', async () => {
    const requests: FakeRequest[] = [
      { method: 'POST' },
      { method: 'DELETE' },
      { method: 'OPTIONS' },
      { headers: { authorization: 'Bearer x' } },
      { headers: { cookie: 'a=b; __Host-hf_sid=x' } },
      { headers: { cookie: '__SECURE-x=1' } },
      { upgrade: true, headers: { upgrade: 'websocket' } },
    ]
    for (const request of requests) {
      const { reply, events } = await clear(request)
      assert.deepEqual([reply?.status, reply?.denial?.code, reply?.close], [403, 'https-required', true], JSON.stringify(request))
      assert.equal(events[0]?.type, 'input_validation_fail')
    }
  })

  it('redirects a reader that only has cookies of others', async () => {
    assert.equal((await clear({ headers: { cookie: 'theme=dark' } })).reply?.status, 308)
  })

  it('takes the word of a declared proxy, and of nobody else (A51)', async () => {
    const app = startControls(list, { client: { trustedProxies: ['10.0.0.1'] } })
    const headers = { 'x-forwarded-proto': 'https' }
    assert.equal((await clear({ peer: '10.0.0.1', headers }, app)).reply, undefined)
    assert.equal((await clear({ peer: '10.0.0.2', headers }, app)).reply?.status, 308)
  })

  it('hints at a proxy that was not declared', async () => {
    const { events } = await clear({ method: 'POST', headers: { 'x-forwarded-proto': 'https' } })
    assert.match(String(events[0]?.data?.['hint']), /client\.trustedProxies/)
  })

  it('does nothing where the origin is plain http on loopback', async () => {
    const app = startControls(list, {}, { origin: 'http://localhost:3000' })
    assert.equal((await clear({ method: 'POST' }, app)).reply, undefined)
  })

  it('needs to know whether the request is encrypted', () => assert.throws(() => startControls([https]), /HF_CONTROL_ORDER/))
})
