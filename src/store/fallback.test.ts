import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AtomicStore, Taken } from './atomic.ts'
import { atomicContract } from './atomic.contract.ts'
import { withFallback } from './fallback.ts'
import { memoryStore } from './memory.ts'
import { race } from '../../test/support/race.ts'

const FIVE = { limit: 5, period: 60_000 }
const NOW = 1_792_000_000_000

atomicContract('memory with a fallback', async () => {
  const store = withFallback(memoryStore(), memoryStore(), {
    onLost: () => assert.fail('lost'),
    onBack: () => assert.fail('back'),
    now: () => NOW,
  })
  return { store, close: () => store.close() }
})

/** A primary that can be broken, made silent and mended, and counts how often it was asked. */
function setting() {
  const memory = memoryStore()
  const state = { broken: false, silent: false, asked: 0, pinged: 0, now: NOW, heard: [] as string[] }
  const answer = <T>(value: () => T): T | Promise<T> => {
    state.asked++
    if (state.broken) throw new Error('connection lost')
    return state.silent ? new Promise<T>(() => {}) : value()
  }
  const primary = {
    ...memory,
    name: 'redis',
    take: (...args: Parameters<AtomicStore['take']>) => answer(() => memory.take(...args)),
    get: (...args: Parameters<AtomicStore['get']>) => answer(() => memory.get(...args)),
    async ping() {
      state.pinged++
      if (state.broken) throw new Error('connection lost')
      if (state.silent) await new Promise(() => {})
    },
  } as AtomicStore
  const store = withFallback(primary, memoryStore(), {
    onLost: (error) => state.heard.push(`lost: ${(error as Error).message}`),
    onBack: () => state.heard.push('back'),
    now: () => state.now,
  })
  return { state, store }
}

/** Lets what was started beside a request finish. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('limits with a fallback', () => {
  it('goes on limiting when the primary is lost, and says so once an outage (attack A42)', async () => {
    const { state, store } = setting()
    state.broken = true
    const allowed: boolean[] = []
    for (let index = 0; index < 10; index++) allowed.push((await store.take('k', FIVE, NOW)).allowed)
    assert.deepEqual(allowed.filter(Boolean).length, 5)
    assert.deepEqual(state.heard, ['lost: connection lost'])
    assert.equal(state.asked, 1)
  })

  it('answers from the spare when the primary is silent for a quarter of a second', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const { state, store } = setting()
    state.silent = true
    const answers = race(3, () => store.take('k', FIVE, NOW))
    context.mock.timers.tick(250)
    assert.deepEqual(
      (await answers).map(({ remaining }) => remaining),
      [4, 3, 2],
    )
    assert.deepEqual(state.heard, ['lost: The store did not answer within 250 ms.'])
  })

  it('asks for the primary once a second beside the requests, and comes back', async () => {
    const { state, store } = setting()
    state.broken = true
    await store.take('k', FIVE, NOW)
    for (const later of [500, 999]) {
      state.now = NOW + later
      await store.take('k', FIVE, NOW)
    }
    assert.equal(state.pinged, 0)
    state.now = NOW + 1000
    for (let index = 0; index < 3; index++) await store.take('k', FIVE, NOW)
    await settle()
    assert.equal(state.pinged, 1)
    state.broken = false
    state.now = NOW + 2000
    await store.take('k', FIVE, NOW)
    await settle()
    assert.deepEqual(state.heard, ['lost: connection lost', 'back'])
    assert.equal((await store.take('fresh', FIVE, NOW)).remaining, 4)
    assert.equal(state.asked, 2)
    state.broken = true
    await store.take('k', FIVE, NOW)
    assert.equal(state.heard.length, 3)
  })

  it('never answers from the spare what may happen only once', async () => {
    const { state, store } = setting()
    state.broken = true
    await assert.rejects(async () => store.get('k', NOW), /connection lost/)
    await store.take('k', FIVE, NOW)
    await assert.rejects(async () => store.get('k', NOW), /connection lost/)
  })

  it('does not take a mistake of the caller for an outage', async () => {
    const { state, store } = setting()
    await assert.rejects(async () => store.take('', FIVE, NOW), RangeError)
    assert.deepEqual(state.heard, [])
  })

  it('answers without a promise when the primary does', () => {
    const { store } = setting()
    assert.equal((store.take('k', FIVE, NOW) as Taken).allowed, true)
  })
})
