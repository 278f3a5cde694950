import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startControls } from '../../../test/support/exchange.ts'
import { RequestId } from '../../engine/facts.ts'
import { client } from '../client/client.ts'
import { requestId } from './request-id.ts'

const list = [client, requestId]
const OURS = /^[A-Za-z0-9_-]{22}$/

describe('request-id', () => {
  it('gives each request 128 bits of its own, in the answer as well', async () => {
    const running = startControls(list)
    const ids = new Set<string>()
    for (let index = 0; index < 100; index++) {
      const { x, head } = await running.run()
      assert.match(x.need(RequestId), OURS)
      assert.equal(head.get('x-request-id'), x.need(RequestId))
      ids.add(x.need(RequestId))
    }
    assert.equal(ids.size, 100)
  })

  it('does not take the one a client sends', async () => {
    const { x } = await startControls(list).run({ headers: { 'x-request-id': 'chosen' } })
    assert.match(x.need(RequestId), OURS)
  })

  it('takes the one a declared proxy sends, if it cannot break a line', async () => {
    const running = startControls(list, { client: { trustedProxies: ['10.0.0.1'] } })
    const seen = async (value: string) =>
      (await running.run({ peer: '10.0.0.1', headers: { 'x-request-id': value } })).x.need(RequestId)
    assert.equal(await seen('edge-42'), 'edge-42')
    for (const value of ['', 'a b', 'a"b', 'a, b', 'ä', 'x'.repeat(129)]) assert.match(await seen(value), OURS, value)
    assert.equal(await seen('x'.repeat(128)), 'x'.repeat(128))
  })

  it('has no options', () => assert.throws(() => startControls(list, { requestId: { header: 'x' } }), /HF_OPTION_UNKNOWN/))
})
