import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Client, Principal } from '../../engine/facts.ts'
import { compileRoutes, type RouteOptions } from '../../engine/policy.ts'
import type { AtomicStore } from '../../store/atomic.ts'
import { withFallback } from '../../store/fallback.ts'
import { memoryStore } from '../../store/memory.ts'
import { startControls, type Ran, type Running } from '../../../test/support/exchange.ts'
import { rateLimit } from './rate-limit.ts'
import type { RateLimitInput } from './options.ts'
import { Limits } from './slot.ts'

/** Stands for the controls before: the peer is the client, an IPv6 peer has a /48; the path is what was asked for. */
const before = {
  name: 'before',
  gives: [Client],
  options: () => ({}),
  start: ({ routes }: { routes: ReturnType<typeof compileRoutes> }) => ({
    enter(x: any) {
      const parts = x.peer.split(':')
      const network = parts.length > 1 ? parts.slice(0, 4).join(':') : x.peer
      x.set(Client, { address: x.peer, network, site: parts.length > 1 ? parts.slice(0, 3).join(':') : undefined })
      x.path = x.target
      x.route = routes(x.method, x.path)
    },
  }),
}

interface Given {
  readonly options?: RateLimitInput
  readonly routes?: readonly RouteOptions[]
  readonly store?: AtomicStore
}

function start({ options = {}, routes = [], store = memoryStore() }: Given = {}): Running {
  return startControls([before, rateLimit], { rateLimit: options }, { limits: store, routes: compileRoutes([], routes, 0) })
}

/** The statuses of `count` requests; 0 where the request was let on. */
async function statuses(running: Running, count: number, request = {}): Promise<number[]> {
  const seen: number[] = []
  for (let n = 0; n < count; n++) seen.push((await running.run(request)).reply?.status ?? 0)
  return seen
}

const passed = (seen: readonly number[]): number => seen.filter((status) => status === 0).length

/** The memory store behind promises, as a store on another host answers. */
function remote(inner = memoryStore(), asked: string[] = []): AtomicStore {
  return {
    ...inner,
    name: 'redis',
    take: (key, rate, now, cost) => {
      asked.push(key)
      return Promise.resolve().then(() => inner.take(key, rate, now, cost))
    },
  }
}

function is429({ reply, faults }: Ran, limit: string): void {
  assert.deepEqual(faults, [])
  assert.equal(reply?.status, 429)
  assert.deepEqual(reply?.denial, { code: 'too-many-requests', reason: `limit ${limit}` })
}

describe('rateLimit: clients', () => {
  it('refuses the request after the limit and says so on the bus', async () => {
    const running = start({ options: { limits: { client: '5/min' } } })
    assert.equal(passed(await statuses(running, 5)), 5)
    const ran = await running.run()
    is429(ran, 'client')
    assert.deepEqual(
      ran.events.map(({ type, level, data }) => ({ type, level, data })),
      [{ type: 'excess_rate_limit_exceeded', level: 'warn', data: { limit: 'client', per: 'client', times: 1 } }],
    )
  })

  it('lets one more through for each interval, and all of them after an idle period', async () => {
    const running = start({ options: { limits: { client: '5/min' } } })
    await statuses(running, 5)
    running.clock.now += 12_000
    assert.deepEqual(await statuses(running, 2), [0, 429])
    running.clock.now += 60_000
    assert.deepEqual(await statuses(running, 6), [0, 0, 0, 0, 0, 429])
  })

  it('has no window at whose edge twice the limit passes (A37)', async () => {
    const running = start({ options: { limits: { client: '10/min' } } })
    running.clock.now = Math.ceil(running.clock.now / 60_000) * 60_000 - 1
    const early = passed(await statuses(running, 20))
    running.clock.now += 2
    assert.equal(early + passed(await statuses(running, 20)), 10)
  })

  it('never lets more through than the burst and what was refilled since, whatever the times', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9000 }), { minLength: 1, maxLength: 40 }), async (gaps) => {
        const running = start({ options: { limits: { client: '4/10s' } } })
        const from = running.clock.now
        let through = 0
        for (const gap of gaps) {
          running.clock.now += gap
          through += passed(await statuses(running, 1))
        }
        assert.ok(through <= 4 + Math.floor((running.clock.now - from) / 2500))
      }),
      { numRuns: 40 },
    )
  })

  it('counts clients apart', async () => {
    const running = start({ options: { limits: { client: '1/min' } } })
    assert.deepEqual(await statuses(running, 2, { peer: '192.0.2.1' }), [0, 429])
    assert.deepEqual(await statuses(running, 2, { peer: '192.0.2.2' }), [0, 429])
  })

  it('counts the addresses of an IPv6 /64 together, and its /48 in a second tier (A34)', async () => {
    const running = start({ options: { limits: { client: '2/min', site: '5/min' } } })
    let through = 0
    for (let host = 0; host < 9; host++) through += passed(await statuses(running, 1, { peer: `2001:db8:1:1:0:0:0:${host}` }))
    assert.equal(through, 2)
    for (let net = 2; net < 9; net++) through += passed(await statuses(running, 1, { peer: `2001:db8:1:${net}:0:0:0:1` }))
    assert.equal(through, 5)
    is429(await running.run({ peer: '2001:db8:1:77:0:0:0:1' }), 'site')
    assert.deepEqual(await statuses(running, 1, { peer: '2001:db8:2:1:0:0:0:1' }), [0])
  })

  it('counts every spelling of a path and every method in the same bucket (A40)', async () => {
    const running = start({ options: { limits: { client: '3/min' } } })
    const seen: number[] = []
    for (const target of ['/login', '/login/', '/LOGIN', '/login?a']) seen.push(...(await statuses(running, 1, { target })))
    for (const method of ['HEAD', 'OPTIONS']) seen.push(...(await statuses(running, 1, { method })))
    assert.deepEqual(seen, [0, 0, 0, 429, 429, 429])
  })

  it('cannot be made to confuse two buckets by what stands in their names (A41)', async () => {
    const asked: string[] = []
    const options: RateLimitInput = { limits: { a: '9/min', 'a-1': '9/min', a1: '9/min' } }
    const running = start({ options, store: remote(memoryStore(), asked) })
    const peers = ['1', '11', '1/1', '1:1', '']
    for (const peer of peers) {
      await running.run({ peer }, async (x) => {
        for (const name of ['a', 'a-1', 'a1']) await x.need(Limits).take(name, x)
      })
    }
    const taken = asked.filter((key) => !/^limit\/(6:client|4:site)\//.test(key))
    assert.equal(taken.length, 15)
    assert.equal(new Set(taken).size, 15)
  })
})

describe('rateLimit: what the answer says', () => {
  it('names the policy, what is left and when it grows', async () => {
    const running = start({ options: { limits: { client: '60/min' } } })
    const { head } = await running.run()
    assert.equal(head.get('ratelimit-policy'), '"client";q=60;w=60')
    assert.equal(head.get('ratelimit'), '"client";r=59;t=1')
  })

  it('says when to come back', async () => {
    const running = start({ options: { limits: { client: '2/min' } } })
    await statuses(running, 2)
    const { reply, head } = await running.run()
    assert.equal(reply?.head?.['retry-after'], '30')
    assert.equal(head.get('ratelimit'), '"client";r=0;t=60')
  })

  it('speaks of the tightest of several limits', async () => {
    const routes = [{ path: 'POST /export', limit: 'export' }]
    const running = start({ options: { limits: { client: '60/min', export: '10/h' } }, routes })
    const { head } = await running.run({ method: 'POST', target: '/export' })
    assert.equal(head.get('ratelimit-policy'), '"client";q=60;w=60, "export";q=10;w=3600')
    assert.equal(head.get('ratelimit'), '"export";r=9;t=360')
  })

  it('keeps the numbers to itself when asked to, but not Retry-After', async () => {
    const running = start({ options: { headers: false, limits: { client: '1/min' } } })
    const [first, second] = [await running.run(), await running.run()]
    assert.deepEqual([first.head.size, second.head.size, second.reply?.head], [0, 0, { 'retry-after': '60' }])
  })
})

describe('rateLimit: routes and principals', () => {
  const routes: RouteOptions[] = [
    { path: 'POST /export', limit: 'export' },
    { path: 'POST /import', limit: 'export' },
    { path: 'POST /mail', limit: 'mail' },
    { path: 'POST /lottery', limit: 'lottery' },
  ]
  const options: RateLimitInput = {
    limits: {
      export: '2/min',
      mail: { rate: '2/min', per: 'principal' },
      lottery: { rate: '3/h', per: 'global' },
      principal: '4/min',
    },
  }
  const signIn = (id: string) => async (x: any) => {
    x.set(Principal, { id })
    const refusal = await x.need(Limits).principal(x)
    x.refused = refusal?.denial?.reason
  }
  const as = async (running: Running, id: string, request: object): Promise<unknown> =>
    ((await running.run(request, signIn(id))).x as any).refused

  it('shares a named limit between the routes that name it', async () => {
    const running = start({ options, routes })
    assert.deepEqual(await statuses(running, 1, { method: 'POST', target: '/export' }), [0])
    assert.deepEqual(await statuses(running, 2, { method: 'POST', target: '/import' }), [0, 429])
    assert.deepEqual(await statuses(running, 1, { target: '/export' }), [0])
  })

  it('shares a global limit between everybody', async () => {
    const running = start({ options, routes })
    const seen: number[] = []
    for (let host = 1; host <= 4; host++)
      seen.push(...(await statuses(running, 1, { method: 'POST', target: '/lottery', peer: `192.0.2.${host}` })))
    assert.deepEqual(seen, [0, 0, 0, 429])
  })

  it('counts a user wherever they come from', async () => {
    const running = start({ options, routes })
    const seen: unknown[] = []
    for (let host = 1; host <= 5; host++) seen.push(await as(running, 'ada', { peer: `192.0.2.${host}` }))
    assert.deepEqual(seen, [undefined, undefined, undefined, undefined, 'limit principal'])
    assert.equal(await as(running, 'bob', { peer: '192.0.2.5' }), undefined)
  })

  it('takes a route limit per principal when the principal is known, and per client when there is none', async () => {
    const running = start({ options, routes })
    const mail = { method: 'POST', target: '/mail' }
    assert.deepEqual(
      [await as(running, 'ada', mail), await as(running, 'ada', mail), await as(running, 'ada', mail)],
      [undefined, undefined, 'limit mail'],
    )
    assert.equal(await as(running, 'bob', mail), undefined)
    const anonymous = async () =>
      ((await running.run(mail, async (x: any) => void (x.refused = await x.need(Limits).principal(x)))).x as any).refused?.status
    assert.deepEqual([await anonymous(), await anonymous(), await anonymous()], [undefined, undefined, 429])
  })

  it('lets a handler take from a limit of its own', async () => {
    const running = start({ options, routes })
    const seen: unknown[] = []
    for (let n = 0; n < 3; n++)
      await running.run({}, async (x) => void seen.push((await x.need(Limits).take('export', x))?.status))
    assert.deepEqual(seen, [undefined, undefined, 429])
    const { faults } = await running.run({}, (x) =>
      assert.throws(() => x.need(Limits).take('exprot', x), /Did you mean "export"/),
    )
    assert.deepEqual(faults, [])
  })

  it('finds a misspelled limit of a route at start-up', () => {
    assert.throws(
      () => start({ options, routes: [{ path: '/x', limit: 'exprot' }] }),
      /HF_OPTION_INVALID.*"exprot".*Did you mean "export"/,
    )
  })
})

describe('rateLimit: stores', () => {
  it('stays synchronous with a store that does', () => {
    const { hooks } = hooksOf(memoryStore())
    const x = exchangeOf()
    assert.equal(hooks.enter!(x), undefined)
  })

  it('gives the same answers over a store that does not, and asks for all limits at once', async () => {
    const asked: string[] = []
    const running = start({ options: { limits: { client: '2/min', site: '3/min' } }, store: remote(memoryStore(), asked) })
    assert.deepEqual(await statuses(running, 3, { peer: '2001:db8:1:1:0:0:0:1' }), [0, 0, 429])
    assert.equal(asked.length, 6)
  })

  it('lets exactly the limit through of many at once (A38)', async () => {
    const running = start({ options: { limits: { client: '5/min' } }, store: remote() })
    const seen = await Promise.all(Array.from({ length: 100 }, async () => (await running.run()).reply?.status ?? 0))
    assert.equal(passed(seen), 5)
  })

  it('goes on counting in memory when the store is lost, and says so once (A42)', async () => {
    const lost: unknown[] = []
    const broken: AtomicStore = {
      ...memoryStore(),
      take: () => Promise.reject(new Error('gone')),
      ping: () => Promise.reject(new Error('gone')),
    }
    const store = withFallback(broken, memoryStore(), { onLost: (error) => lost.push(error), onBack: () => {}, now: () => 0 })
    const running = start({ options: { limits: { client: '3/min' } }, store })
    assert.deepEqual(await statuses(running, 5), [0, 0, 0, 429, 429])
    assert.equal(lost.length, 1)
  })

  it('holds who is blocked while a flood of new clients fills the memory (A43)', async () => {
    const running = start({ options: { limits: { client: '1/min' } }, store: memoryStore({ maxKeys: 100 }) })
    await statuses(running, 1, { peer: '203.0.113.9' })
    running.clock.now += 1000
    for (let n = 0; n < 50; n++) await running.run({ peer: `198.51.100.${n}` })
    assert.deepEqual(await statuses(running, 1, { peer: '203.0.113.9' }), [429])
  })

  it('lets nothing through when the store fails and nothing stands in for it', async () => {
    const store: AtomicStore = { ...memoryStore(), take: () => Promise.reject(new Error('gone')) }
    const { reply, faults } = await start({ store }).run()
    assert.equal(reply?.status, 500)
    assert.equal(faults.length, 1)
  })
})

describe('rateLimit: reporting', () => {
  it('only reports what it would refuse in dry-run mode', async () => {
    const running = start({ options: { dryRun: true, limits: { client: '2/min' } } })
    assert.deepEqual(await statuses(running, 4), [0, 0, 0, 0])
    assert.deepEqual(
      running.events.map(({ data }) => data),
      [{ limit: 'client', per: 'client', times: 1, dryRun: true }],
    )
  })

  it('takes dry-run for one limit alone', async () => {
    const routes = [{ path: '/x', limit: 'x' }]
    const running = start({ options: { limits: { x: { rate: '1/min', dryRun: true }, client: '3/min' } }, routes })
    assert.deepEqual(await statuses(running, 4, { target: '/x' }), [0, 0, 0, 429])
  })

  it('does not turn a flood of refusals into a flood of events', async () => {
    const running = start({ options: { limits: { client: '1/h' } } })
    await statuses(running, 1001)
    assert.equal(running.events.length, 1)
    running.clock.now += 1000
    await running.run()
    assert.deepEqual(
      running.events.map(({ data }) => data?.['times']),
      [1, 1000],
    )
  })

  it('finds what weakens it', () => {
    const ids = (options: RateLimitInput): string[] => start({ options }).findings.map(({ id }) => id)
    assert.deepEqual(ids({}), [])
    assert.deepEqual(ids({ limits: { x: { rate: '5/min', dryRun: true } } }), ['HF-RATE-LIMIT-1'])
    assert.deepEqual(ids({ limits: { x: '2000/s' } }), ['HF-RATE-LIMIT-2'])
    assert.deepEqual(ids({ limits: { x: { rate: '5/min', per: 'global' } } }), ['HF-RATE-LIMIT-3'])
    assert.deepEqual(ids({ limits: { site: '100/min' } }), ['HF-RATE-LIMIT-4'])
  })
})

describe('rateLimit: options', () => {
  it('reads limits strictly, and shows how to write them', () => {
    for (const text of [
      '',
      '5',
      '5/',
      '/min',
      '0/min',
      '5/0m',
      '-5/min',
      '5 / min',
      '5/minute',
      '5/MIN',
      '5/60',
      '1e3/min',
      '5/32d',
      '1000000/s',
      5,
      null,
      '5/min ',
    ]) {
      assert.throws(() => start({ options: { limits: { x: text as never } } }), /HF_OPTION_INVALID.*'5\/min'/, String(text))
    }
    for (const text of ['5/min', '5/m', '10/s', '100/15m', '1000/h', '5000/d', '1/31d', '999999/s'] as const) {
      assert.ok(start({ options: { limits: { x: text } } }))
    }
  })

  it('refuses names and settings that could not work', () => {
    const starting = (options: object) => () => start({ options })
    assert.throws(starting({ limit: {} }), /HF_OPTION_UNKNOWN.*Did you mean "limits"/)
    assert.throws(starting({ limits: { 'Big One': '5/min' } }), /name in rateLimit.limits/)
    assert.throws(starting({ limits: { x: { rate: '5/min', pre: 'client' } } }), /HF_OPTION_UNKNOWN: rateLimit.limits.x.pre/)
    assert.throws(starting({ limits: { x: { rate: '5/min', per: 'user' } } }), /'principal'/)
    assert.throws(starting({ limits: { site: { rate: '5/min', per: 'global' } } }), /fixed meaning/)
    assert.throws(starting({ limits: [] }), /rateLimit.limits is a list/)
    assert.throws(starting({ dryRun: 'yes' }), /rateLimit.dryRun/)
  })
})

function hooksOf(store: AtomicStore) {
  const options = rateLimit.options(undefined)
  return { hooks: rateLimit.start({ options, limits: store, routes: compileRoutes([], [], 0), emit: () => {} } as never) }
}

function exchangeOf(): any {
  const facts = new Map<unknown, unknown>([[Client, { address: '192.0.2.1', network: '192.0.2.1', site: undefined }]])
  return {
    time: 1_700_000_000_000,
    head: new Map(),
    route: compileRoutes([], [], 0)('GET', '/'),
    need: (slot: unknown) => facts.get(slot),
    get: (slot: unknown) => facts.get(slot),
    set: (slot: unknown, value: unknown) => facts.set(slot, value),
  }
}
