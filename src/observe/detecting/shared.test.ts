/** An attack that is spread over two processes fires as one does, and once: by Redis, by PostgreSQL, for each detection of the list. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { freshPostgres, freshRedis, postgresUrl, redisUrl } from '../../../test/support/services.ts'
import { randomToken } from '../../crypto/random.ts'
import type { AtomicStore } from '../../store/atomic.ts'
import { migrate } from '../../store/migrate.ts'
import { redisStore } from '../../store/redis.ts'
import { atomicMigrations, sqlStore } from '../../store/sql-atomic.ts'
import { detections } from '../detections/index.ts'
import type { Detection } from './definition.ts'
import { defaultsOf } from './options.ts'
import { address, event, REPLAY_SITE, times } from './replay.ts'
import { createRuntime, type Runtime } from './runtime.ts'
import type { Signal } from './signal.ts'

interface Two {
  readonly stores: readonly [AtomicStore, AtomicStore]
  close(): Promise<void>
}

const OPENERS = [
  {
    name: 'redis',
    server: await redisUrl(),
    async open(): Promise<Two> {
      const { url, prefix, clear } = await freshRedis()
      const stores = [redisStore(url, { prefix }), redisStore(url, { prefix })] as const
      return {
        stores,
        close: async () => {
          for (const store of stores) await store.close()
          await clear()
        },
      }
    },
  },
  {
    name: 'postgres',
    server: await postgresUrl(),
    async open(): Promise<Two> {
      const database = await freshPostgres()
      await migrate(database, atomicMigrations)
      return { stores: [sqlStore(database), sqlStore(database)], close: () => database.close() }
    },
  },
]

const PLACES = new Map([
  ['192.0.2.1', { country: 'DE', latitude: 52.52, longitude: 13.4 }],
  ['203.0.113.1', { country: 'JP', latitude: 35.68, longitude: 139.69 }],
])

/** A part of the store that nobody has used: only the verbs that detections need, each with the key in front. */
function part({ stores }: Two, prefix: string, onTake: () => void = () => undefined): AtomicStore[] {
  return stores.map(
    (store) =>
      ({
        shared: true,
        get: (key, now) => store.get(prefix + key, now),
        forgive: (key) => store.forgive(prefix + key),
        incrementIf: (key, limit, ttl, now) => store.incrementIf(prefix + key, limit, ttl, now),
        compareAndSwap: (key, expected, next, ttl, now) => store.compareAndSwap(prefix + key, expected, next, ttl, now),
        take(key, rate, now, cost) {
          onTake()
          return store.take(prefix + key, rate, now, cost)
        },
      }) as Partial<AtomicStore> as AtomicStore,
  )
}

const faults: unknown[] = []

/** A process: everything but the store is its own. */
function processOf(store: AtomicStore, list: readonly Detection[], fired: string[]): Runtime {
  const runtime = createRuntime({
    chosen: list.map((detection) => ({ detection, state: 'on', thresholds: defaultsOf(detection) })),
    emit: () => undefined,
    random: randomToken,
    site: REPLAY_SITE,
    shared: store,
    kept: store,
    locate: (address) => PLACES.get(address),
    onFault: (error) => faults.push(error),
  })
  runtime.on(({ detection }) => fired.push(detection))
  return runtime
}

for (const { name: kind, server, open } of OPENERS) {
  describe(`two processes on ${kind}`, { skip: 'skip' in server && server.skip }, () => {
    let two: Two
    before(async () => {
      two = await open()
    })
    after(() => two.close())

    for (const detection of detections) {
      const { name, replay } = detection

      it(`fire ${name} once, when each sees every other signal of its replay`, async () => {
        assert.deepEqual(await spread(replay.fires(defaultsOf(detection)), `${name}:fires:`), [name])
        assert.deepEqual(await spread(replay.nearMiss(defaultsOf(detection)), `${name}:near:`), [])
        assert.deepEqual(faults, [])
      })

      async function spread(signals: readonly Signal[], prefix: string): Promise<string[]> {
        const fired: string[] = []
        const processes = part(two, prefix).map((store) => processOf(store, [detection], fired))
        for (const [index, signal] of signals.entries()) {
          const one = processes[index % 2]!
          one.take(signal)
          await one.settled()
        }
        for (const one of processes) await one.stop()
        return fired
      }
    }

    it('fire once for each of twenty attacks of which both see half at the same moment, and never below the threshold', async () => {
      const list = detections.filter(({ name }) => name === 'forged-session')
      const { holds } = defaultsOf(list[0]!)
      const fired: string[] = []
      const processes = part(two, 'race:').map((store) => processOf(store, list, fired))
      const send = async (many: number) => {
        for (let index = 0; index < many * 20; index++)
          processes[Math.floor(index / 20) % 2]!.take(event('session_forged', { client: address(index % 20) }))
        await Promise.all(processes.map((one) => one.settled()))
      }
      await send(holds!)
      assert.deepEqual(fired, [])
      // One more each, seen by both: which of the two is over the threshold is for the store to say.
      await send(2)
      assert.equal(fired.length, 20)
      for (const one of processes) await one.stop()
    })

    it('know of an account that it was tried before, whichever of them saw it', async () => {
      const list = detections.filter(({ name }) => name === 'brute-force-address')
      const { holds } = defaultsOf(list[0]!)
      const fired: string[] = []
      const processes = part(two, 'repeat:').map((store) => processOf(store, list, fired))
      // Each process sees both accounts, whose first failures do not count.
      const signals = times(holds! + 3, (index) =>
        event('authn_login_fail', { at: index, data: { door: 'password', login: `login${Math.floor(index / 2) % 2}` } }),
      )
      for (const [index, signal] of signals.entries()) {
        assert.deepEqual(fired, [])
        processes[index % 2]!.take(signal)
        await processes[index % 2]!.settled()
      }
      assert.deepEqual(fired, ['brute-force-address'])
      for (const one of processes) await one.stop()
    })

    it('sum what came within a tenth of a second in one step', async () => {
      const list = detections.filter(({ name }) => name === 'forged-session')
      let takes = 0
      const fired: string[] = []
      const [one, other] = part(two, 'sum:', () => takes++).map((store) => processOf(store, list, fired))
      const signals = list[0]!.replay.fires(defaultsOf(list[0]!))
      for (const [index, signal] of signals.entries()) (index % 2 === 0 ? one! : other!).take(signal)
      await one!.settled()
      await other!.settled()
      assert.deepEqual(fired, ['forged-session'])
      assert.equal(takes, 2)
      await one!.stop()
      await other!.stop()
    })
  })
}

describe('a process whose store is gone', () => {
  it('still sees an attack on itself', async () => {
    const list = detections.filter(({ name }) => name === 'forged-session')
    const gone = () => Promise.reject(new Error('connection lost'))
    const store = { name: 'redis', shared: true, take: gone, incrementIf: gone, forgive: gone } as unknown as AtomicStore
    const lost: unknown[] = []
    const fired: string[] = []
    const runtime = createRuntime({
      chosen: list.map((detection) => ({ detection, state: 'on', thresholds: defaultsOf(detection) })),
      emit: () => undefined,
      random: randomToken,
      site: REPLAY_SITE,
      shared: store,
      onFault: (error) => lost.push(error),
    })
    runtime.on(({ detection }) => fired.push(detection))
    for (const signal of list[0]!.replay.fires(defaultsOf(list[0]!))) runtime.take(signal)
    await runtime.settled()
    await runtime.stop()
    assert.deepEqual(fired, ['forged-session'])
    assert.ok(lost.length > 0, 'and says that the store does not answer')
  })
})
