import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startControls } from '../../../test/support/exchange.ts'
import { defineControl } from '../../engine/control.ts'
import { Principal } from '../../engine/facts.ts'
import { compileRoutes } from '../../engine/policy.ts'
import { deny, type Reply } from '../../engine/reply.ts'
import { Limits } from '../rate-limit/slot.ts'
import { authorize } from './authorize.ts'

const start = Date.UTC(2026, 0, 1)
const ada: Principal = {
  ...{ id: 'u1', login: 'ada', name: 'Ada', roles: ['member'], permissions: new Set(['notes:read']) },
  ...{ amr: ['pwd'], aal: 1, provedAt: start - 60_000 },
}

/** Stands in for what comes before: the route, the user and the limit of the user. */
function before(principal: Principal | null, limit?: () => Reply | undefined | Promise<Reply | undefined>) {
  const routes = compileRoutes(['/'], [], 0)
  return defineControl({
    name: 'before',
    gives: [Principal],
    options: () => ({}),
    start: () => ({
      enter(x) {
        x.route = routes(x.method, x.target)
        x.set(Principal, principal)
        if (limit) x.set(Limits, { take: () => undefined, principal: limit })
      },
    }),
  })
}

const ask = (options: object, principal: Principal | null = ada, target = '/notes') =>
  startControls([before(principal), authorize], { authorize: options }).run({ target })

describe('authorize', () => {
  it('asks for nothing more unless told', async () => {
    const { reply, events } = await ask({})
    assert.deepEqual([reply, events], [undefined, []])
  })

  it('holds the requirement on every route that is not public, and says what was missing', async () => {
    const cases = [
      [{ role: 'admin' }, 403, 'not-permitted', 'role admin'],
      [{ permission: 'notes:write' }, 403, 'not-permitted', 'permission notes:write'],
      [{ aal: 2 }, 403, 'stronger-proof-required', 'aal 2'],
      [{ within: '30s' }, 401, 'recent-proof-required', 'within 30000 ms'],
    ] as const
    for (const [everywhere, status, code, reason] of cases) {
      const { reply, events } = await ask({ everywhere })
      assert.deepEqual([reply?.status, reply?.denial?.code], [status, code])
      assert.deepEqual(
        events.map(({ type, data }) => [type, data?.['code'], data?.['reason']]),
        [['authz_fail', code, reason]],
      )
      assert.equal((await ask({ everywhere }, null, '/')).reply, undefined)
    }
  })

  it('lets through who fulfils it', async () => {
    const everywhere = { role: 'member', permission: 'notes:read', aal: 1, within: '5m' }
    assert.equal((await ask({ everywhere })).reply, undefined)
  })

  it('takes from the limit of the user first, whether it answers now or later', async () => {
    const refusal = deny(429, 'rate-limited')
    for (const limit of [() => refusal, () => Promise.resolve(refusal)]) {
      const { reply } = await startControls([before(ada, limit), authorize], { authorize: { everywhere: { aal: 2 } } }).run({
        target: '/x',
      })
      assert.equal(reply, refusal)
    }
    for (const limit of [() => undefined, () => Promise.resolve(undefined)]) {
      const { reply } = await startControls([before(ada, limit), authorize], { authorize: { everywhere: { aal: 2 } } }).run({
        target: '/x',
      })
      assert.equal(reply?.status, 403)
    }
  })

  it('refuses a requirement that means nothing, at start-up', () => {
    assert.throws(
      () => startControls([before(ada), authorize], { authorize: { everywhere: { rol: 'admin' } } }),
      /Did you mean "role"/,
    )
  })
})
