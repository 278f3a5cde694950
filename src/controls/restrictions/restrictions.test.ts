import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startControls, type Running } from '../../../test/support/exchange.ts'
import { defineControl } from '../../engine/control.ts'
import type { Slot } from '../../engine/exchange.ts'
import { Principal } from '../../engine/facts.ts'
import type { Active, Hold } from '../../observe/responses/hold.ts'
import { compileInForce } from '../../observe/responses/in-force.ts'
import { Containments } from '../../observe/responses/containments.ts'
import { Spared } from '../../observe/responses/spared.ts'
import { client } from '../client/client.ts'
import { containment } from '../containment/containment.ts'
import { Session } from '../session/slot.ts'
import { target } from '../target/target.ts'
import { restrictions } from './restrictions.ts'

const START = Date.UTC(2026, 0, 1)
const COOKIE = { headers: { cookie: '__Host-hf_sid=x' } }

interface Who extends Partial<Principal> {
  readonly createdAt?: number
}

/** In place of session, accessTokens and apiKeys: whoever the test says asks. */
function asking(who: Who | null) {
  return defineControl({
    name: 'asking',
    gives: [Principal, Session],
    options: () => ({}),
    start: ({ routes }) => ({
      enter(x) {
        x.route = routes(x.method, x.path)
        const principal = who && ({ id: 'ada', login: 'ada', provedAt: START - 5000, ...who } as Principal)
        x.set(Principal, principal)
        if (who === null) return
        const session = { id: 's1', createdAt: who.createdAt ?? START - 60_000 }
        if (who.apiKey === undefined && who.app === undefined) x.set(Session, { session, principal } as never)
      },
    }),
  })
}

function start(holds: readonly Hold[], who: Who | null, since = START - 1000): Running {
  const active = holds.map((hold, index): Active => ({ id: `r${index}`, hold, since, until: START + 60_000 }))
  const services = new Map<Slot<any>, unknown>([
    [Containments, { inForce: compileInForce(active), refresh: () => undefined, reload: async () => {} }],
    [Spared, (path: string) => path === '/login/again'],
  ])
  const use = <T>(service: Slot<T>) => services.get(service) as T
  return startControls([client, target, containment, asking(who), restrictions], {}, { use, public: ['/'] })
}

const codeOf = async (running: Running, request: object = { target: '/notes' }) =>
  (await running.run(request)).reply?.denial?.code

describe('restrictions', () => {
  it('holds an account by whatever it asks with, and whoever acts as somebody', async () => {
    const hold = [{ kind: 'refuse', whom: 'user', id: 'ada' }] as const
    const impersonatedBy = { id: 'ada', name: 'Ada', until: START + 1, write: false }
    for (const who of [{}, { apiKey: 'k' }, { app: 'a' }, { id: 'bob', impersonatedBy }])
      assert.equal(await codeOf(start(hold, who)), 'account-held', JSON.stringify(who))
    assert.equal(await codeOf(start(hold, { id: 'bob' })), undefined)
  })

  it('holds one session, key or app and not the others of its owner', async () => {
    const of = (whom: 'session' | 'api-key' | 'app', id: string) => [{ kind: 'refuse', whom, id } as const]
    assert.equal(await codeOf(start(of('api-key', 'k'), { apiKey: 'k' })), 'account-held')
    assert.equal(await codeOf(start(of('api-key', 'k'), { apiKey: 'other' })), undefined)
    assert.equal(await codeOf(start(of('app', 'a'), { app: 'a' })), 'account-held')
    assert.equal(await codeOf(start(of('session', 's1'), {})), 'account-held')
    assert.equal(await codeOf(start(of('session', 's2'), {})), undefined)
  })

  it('takes a held account for nobody where everybody may go, so that its owner can get help', async () => {
    const { reply, x } = await start([{ kind: 'refuse', whom: 'user', id: 'ada' }], {}).run({ target: '/' })
    assert.equal(reply, undefined)
    assert.equal(x.get(Principal), null)
  })

  it('asks for a proof that is newer than the response, of one user or of everybody', async () => {
    for (const user of ['ada', '*']) {
      const hold = [{ kind: 'step-up', user }] as const
      assert.equal(await codeOf(start(hold, {})), 'recent-proof-required')
      assert.equal(await codeOf(start(hold, { provedAt: START - 10 })), undefined)
      assert.equal(await codeOf(start(hold, {}), { target: '/login/again' }), undefined, 'the way to prove it')
      assert.equal(await codeOf(start(hold, { app: 'a' })), 'insufficient-user-authentication')
      assert.equal(await codeOf(start(hold, { apiKey: 'k' })), undefined, 'a key proves no presence')
    }
    assert.equal(await codeOf(start([{ kind: 'step-up', user: 'bob' }], {})), undefined)
  })

  it('lets through a blocked address who was signed in there before, and nobody else', async () => {
    const hold = [{ kind: 'block', network: '192.0.2.1', everybody: false }] as const
    const asked = { target: '/notes', ...COOKIE }
    assert.equal(await codeOf(start(hold, {}), asked), undefined)
    assert.equal(await codeOf(start(hold, { createdAt: START - 500 }), asked), 'address-blocked')
    assert.equal(await codeOf(start(hold, null), asked), 'address-blocked', 'a cookie that is nobody’s')
    assert.equal(await codeOf(start(hold, { apiKey: 'k' }), asked), 'address-blocked')
  })

  it('knows no options', () => {
    assert.throws(() => restrictions.options({ x: 1 } as never), /HF_OPTION_UNKNOWN/)
  })
})
