import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startControls, type Running } from '../../../test/support/exchange.ts'
import type { Slot } from '../../engine/exchange.ts'
import type { Active, Hold } from '../../observe/responses/hold.ts'
import { compileInForce } from '../../observe/responses/in-force.ts'
import { Containments } from '../../observe/responses/containments.ts'
import { Spared } from '../../observe/responses/spared.ts'
import { client } from '../client/client.ts'
import { target } from '../target/target.ts'
import { containment } from './containment.ts'
import type { ContainmentInput } from './options.ts'
import { Contained } from './slot.ts'

const START = Date.UTC(2026, 0, 1)
const held = (hold: Hold, more: Partial<Active> = {}): Active => ({
  ...{ id: 'r1', hold, since: START - 1000, until: START + 60_000 },
  ...more,
})

function start(active: readonly Active[], options: ContainmentInput = {}): Running {
  const services = new Map<Slot<any>, unknown>([
    [Containments, { inForce: compileInForce(active), refresh: () => undefined, reload: async () => {} }],
    [Spared, (path: string) => path === '/login'],
  ])
  const use = <T>(service: Slot<T>) => services.get(service) as T
  return startControls([client, target, containment], { containment: options }, { use })
}

const block = (network: string, everybody = false) => held({ kind: 'block', network, everybody })
const answer = async (running: Running, request: object) => (await running.run(request)).reply

describe('containment: addresses', () => {
  it('refuses a blocked address until its time is over, and says when to come again', async () => {
    const running = start([block('192.0.2.1')])
    const reply = await answer(running, {})
    assert.equal(reply?.status, 429)
    assert.equal(reply?.denial?.code, 'address-blocked')
    assert.equal(reply?.head?.['retry-after'], '60')
    assert.equal(await answer(running, { peer: '192.0.2.2' }), undefined)
    running.clock.now += 60_000
    assert.equal(await answer(running, {}), undefined)
  })

  it('blocks an IPv6 client with all of its /64, and a network with all that is in it', async () => {
    const running = start([block('2001:db8:1:2::/64'), block('198.51.100.0/24')])
    for (const peer of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '198.51.100.7', '::ffff:198.51.100.7'])
      assert.equal((await answer(running, { peer }))?.status, 429, peer)
    for (const peer of ['2001:db8:1:3::1', '198.51.101.7']) assert.equal(await answer(running, { peer }), undefined, peer)
  })

  it('lets on whoever has a session cookie, to where it is known whose it is, unless nobody is spared', async () => {
    const headers = { cookie: '__Host-hf_sid=x' }
    assert.equal(await answer(start([block('192.0.2.1')]), { headers }), undefined)
    assert.equal((await answer(start([block('192.0.2.1', true)]), { headers }))?.status, 429)
  })

  it('tells a flood of refusals once, with their number', async () => {
    const running = start([block('192.0.2.1')])
    for (let n = 0; n < 50; n++) await running.run()
    running.clock.now += 1000
    await running.run()
    assert.deepEqual(
      running.events.map(({ type, data }) => [type, data?.['response'], data?.['times']]),
      [
        ['containment_refused', 'r1', 1],
        ['containment_refused', 'r1', 50],
      ],
    )
  })
})

describe('containment: routes', () => {
  it('closes a path under each spelling that a router may take for it, and all below one', async () => {
    const routes = [{ path: '/Export' }, { method: 'GET', path: '/files/*' }]
    const running = start([held({ kind: 'close', routes })])
    for (const target of ['/export', '/EXPORT', '/export/', '/files/a', '/files/a/b', '/Files/', '/files'])
      assert.equal((await answer(running, { target }))?.status, 503, target)
    for (const target of ['/exports', '/export/1', '/filesystem', '/'])
      assert.equal(await answer(running, { target }), undefined, target)
    assert.equal(await answer(running, { method: 'POST', target: '/files/a' }), undefined)
  })

  it('closes exact paths to the methods that are named, HEAD with GET', async () => {
    const running = start([held({ kind: 'close', routes: [{ method: 'GET', path: '/export' }, { path: '/import' }] })])
    for (const [method, target] of [
      ['GET', '/export'],
      ['HEAD', '/export'],
      ['GET', '/import'],
      ['POST', '/import'],
    ] as const) {
      const reply = await answer(running, { method, target })
      assert.equal(reply?.status, 503)
      assert.equal(reply?.denial?.code, 'route-closed')
    }
    for (const [method, target] of [
      ['POST', '/export'],
      ['GET', '/export/1'],
      ['GET', '/'],
    ] as const)
      assert.equal(await answer(running, { method, target }), undefined)
  })

  it('lets nothing be changed while read-only, but lets people in and out', async () => {
    const running = start([held({ kind: 'read-only' })])
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      assert.equal((await answer(running, { method, target: '/notes' }))?.denial?.code, 'read-only')
    assert.equal(await answer(running, { target: '/notes' }), undefined)
    assert.equal(await answer(running, { method: 'POST', target: '/login' }), undefined)
  })
})

describe('containment: options', () => {
  it('refuses what cannot be meant, and says what to write', () => {
    for (const options of [
      { own: ['nowhere'] },
      { own: '10.0.0.0/8' },
      { automaticPerHour: -1 },
      { automaticPerHour: 5000 },
      { features: { 'Big One': ['/x'] } },
      { features: { export: [] } },
      { features: { export: ['export'] } },
      { spared: ['healthz'] },
      { onw: [] },
    ])
      assert.throws(() => start([], options as never), /HF_OPTION_(INVALID|UNKNOWN)/, JSON.stringify(options))
  })

  it('finds networks of our own that are wide enough to hide an attacker', () => {
    const findings = (own: readonly string[]) => start([], { own }).findings.map(({ id }) => id)
    assert.deepEqual(findings(['203.0.113.0/24', 'private']), [])
    assert.deepEqual(findings(['203.0.0.0/12']), ['HF-CONTAINMENT-1'])
  })

  it('costs nothing but a look while nothing is in force', async () => {
    const { x } = await start([]).run()
    assert.equal(x.get(Contained), undefined)
  })
})
