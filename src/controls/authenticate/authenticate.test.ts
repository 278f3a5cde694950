import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startControls } from '../../../test/support/exchange.ts'
import { defineControl } from '../../engine/control.ts'
import { Principal } from '../../engine/facts.ts'
import { compileRoutes } from '../../engine/policy.ts'
import { authenticate } from './authenticate.ts'

const ada = { id: 'u1', login: 'ada' } as Principal
const routes = compileRoutes(['/', '/prices', 'POST /orders'], [], 0)

/** Stands in for what comes before: the route, and the user that a header names. */
const before = defineControl({
  name: 'before',
  gives: [Principal],
  options: () => ({}),
  start: () => ({
    enter(x) {
      x.path = x.target
      x.route = routes(x.method, x.path)
      x.set(Principal, x.header('test-user') === undefined ? null : ada)
    },
  }),
})

describe('authenticate', () => {
  const { run } = startControls([before, authenticate])

  it('refuses nobody everywhere but at the exact public method and path', async () => {
    const closed = [
      ...['GET /admin', 'GET /prices/', 'GET /Prices', 'GET /%70rices', 'GET /prices;x', 'GET //', 'POST /prices'],
      ...['GET /orders', 'OPTIONS /prices', 'X /', 'GET '],
    ]
    for (const line of closed) {
      const [method, target] = line.split(' ') as [string, string]
      const { reply, events } = await run({ method, target })
      assert.equal(reply?.status, 401, line)
      assert.equal(reply.denial?.code, 'sign-in-required')
      assert.deepEqual(
        events.map(({ type, level, data }) => [type, level, data?.['code']]),
        [['authz_fail', 'info', 'sign-in-required']],
      )
    }
    for (const line of ['GET /', 'HEAD /', 'GET /prices', 'POST /orders']) {
      const [method, target] = line.split(' ') as [string, string]
      assert.equal((await run({ method, target })).reply, undefined, line)
    }
  })

  it('lets everybody who is signed in ask', async () => {
    const { reply, events } = await run({ target: '/admin', headers: { 'test-user': 'ada' } })
    assert.deepEqual([reply, events], [undefined, []])
  })

  it('closes what is asked before anybody found out who asks', async () => {
    const nobodyFoundOut = defineControl({ name: 'before', gives: [Principal], options: () => ({}), start: () => ({}) })
    assert.equal((await startControls([nobodyFoundOut, authenticate]).run()).reply?.status, 401)
  })

  it('cannot run without the control that finds out who asks', () => {
    assert.throws(() => startControls([authenticate]), /HF_CONTROL_ORDER/)
  })

  it('has nothing to set', () => {
    assert.throws(() => startControls([before, authenticate], { authenticate: { public: ['/'] } }), /HF_OPTION_UNKNOWN/)
  })
})
