import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { atomicContract } from './atomic.contract.ts'
import type { Taken } from './atomic.ts'
import { memoryStore } from './memory.ts'
import type { Pressure } from './memory-rates.ts'

atomicContract('memory', async () => {
  const store = memoryStore()
  return { store, close: () => store.close() }
})

const ONE = { limit: 1, period: 1000 }
const MANY = { limit: 100, period: 3_600_000 }

describe('the memory store when it is full', () => {
  it('forgets idle keys first and says nothing, for nothing is lost', () => {
    const pressed: Pressure[] = []
    const store = memoryStore({ maxKeys: 3, onPressure: (pressure) => pressed.push(pressure) })
    store.take('idle', ONE, 0)
    store.take('live', MANY, 500)
    store.take('blocked', ONE, 500)
    store.take('new', MANY, 1000)
    assert.deepEqual([remaining(store, 'live', 1000), remaining(store, 'new', 1000)], [99, 99])
    assert.equal(take(store, 'blocked', 1000).allowed, false)
    assert.deepEqual(pressed, [])
  })

  it('forgets a live key before a blocked one, although the blocked one is idle sooner, and says so (attack A43)', () => {
    const pressed: Pressure[] = []
    const store = memoryStore({ maxKeys: 2, onPressure: (pressure) => pressed.push(pressure) })
    store.take('blocked', ONE, 0)
    store.take('live', MANY, 0)
    store.take('new', MANY, 1)
    assert.equal(take(store, 'blocked', 1).allowed, false)
    assert.equal(remaining(store, 'live', 1), 100)
    assert.deepEqual(pressed, [{ keys: 1, forgotten: 1, blocked: 0 }])
  })

  it('forgets the live key nearest to idle', () => {
    const store = memoryStore({ maxKeys: 2 })
    store.take('much', MANY, 0, 50)
    store.take('little', MANY, 0, 2)
    store.take('new', MANY, 0)
    assert.deepEqual([remaining(store, 'much', 0), remaining(store, 'little', 0)], [50, 100])
  })

  it('forgets a blocked key only when all are, and says so', () => {
    const pressed: Pressure[] = []
    const store = memoryStore({ maxKeys: 2, onPressure: (pressure) => pressed.push(pressure) })
    store.take('sooner', ONE, 0)
    store.take('later', ONE, 100)
    store.take('new', ONE, 200)
    assert.deepEqual([take(store, 'sooner', 300).allowed, pressed[0]?.blocked], [true, 1])
  })

  it('keeps what it blocks through a flood of new keys', () => {
    const store = memoryStore({ maxKeys: 10_000 })
    const blocked = Array.from({ length: 5000 }, (_, index) => `blocked ${index}`)
    for (const key of blocked) store.take(key, { limit: 1, period: 60_000 }, 0)
    for (let index = 0; index < 50_000; index++) store.take(`flood ${index}`, MANY, Math.floor(index / 100))
    assert.ok(blocked.every((key) => !take(store, key, 501, 60_000).allowed))
  })

  it('keeps what it blocks when nearly everything is blocked, without a pass for every key', () => {
    const store = memoryStore({ maxKeys: 5000 })
    const blocked = Array.from({ length: 4999 }, (_, index) => `blocked ${index}`)
    for (const key of blocked) store.take(key, { limit: 1, period: 60_000 }, 0)
    for (let index = 0; index < 20_000; index++) store.take(`flood ${index}`, MANY, Math.floor(index / 100))
    assert.ok(blocked.every((key) => !take(store, key, 201, 60_000).allowed))
  })

  it('keeps what it has blocked only just, between two passes', () => {
    const store = memoryStore({ maxKeys: 5000 })
    const minute = { limit: 1, period: 60_000 }
    for (let index = 0; index < 4990; index++) store.take(`blocked ${index}`, minute, 0)
    for (let index = 0; index < 10; index++) store.take(`live ${index}`, MANY, 0)
    for (let index = 0; index < 9; index++) store.take(`new ${index}`, MANY, 1)
    store.take('just blocked', minute, 1)
    store.take('one more', MANY, 2)
    assert.equal(take(store, 'just blocked', 2, 60_000).allowed, false)
    assert.equal(remaining(store, 'one more', 2), 99)
  })

  it('never forgets a blocked key while another one is left, whatever comes', () => {
    const step = fc.record({ key: fc.nat(12), blocks: fc.boolean(), wait: fc.nat(30) })
    const sequence = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let allBlocked = false
      const store = memoryStore({ maxKeys: 5, onPressure: ({ blocked }) => (allBlocked ||= blocked > 0) })
      const until = new Map<string, number>()
      let now = 0
      for (const { key, blocks, wait } of steps) {
        now += wait
        const name = `${key} ${blocks}`
        const rate = blocks ? { limit: 1, period: 100 } : { limit: 1000, period: 100_000 }
        const allowed = (store.take(name, rate, now) as Taken).allowed
        assert.equal(allowed && (until.get(name) ?? 0) > now && !allBlocked, false)
        if (blocks && allowed) until.set(name, now + 100)
        allBlocked &&= [...until.values()].some((end) => end > now)
      }
    })
    fc.assert(sequence)
  })

  it('refuses a value rather than forget another, and takes it when one has expired', () => {
    const store = memoryStore({ maxKeys: 2 })
    store.put('a', 'v', 5000, 0)
    store.put('b', 'v', 2000, 0)
    assert.throws(() => store.put('c', 'v', 1000, 100), { code: 'store-full' })
    store.put('a', 'again', 5000, 100)
    store.put('c', 'v', 1000, 2000)
    assert.deepEqual([store.get('a', 2000), store.get('c', 2000)], ['again', 'v'])
  })
})

describe('the memory store', () => {
  it('answers at once, without a promise', () => {
    const store = memoryStore()
    assert.equal(store.take('key', ONE, 0) instanceof Promise, false)
    assert.equal(store.put('key', 'v', 1, 0), undefined)
    assert.equal(store.get('key', 0), 'v')
  })

  it('says that other processes do not see it', () => {
    assert.equal(memoryStore().shared, false)
  })

  it('refuses a size that it cannot have', () => {
    for (const maxKeys of [0, -1, 1.5, NaN, 2 ** 25]) assert.throws(() => memoryStore({ maxKeys }), RangeError)
  })
})

function take(store: ReturnType<typeof memoryStore>, key: string, now: number, period = 1000): Taken {
  return store.take(key, { limit: 1, period }, now) as Taken
}

/** Looks, without taking, at a key that was taken from with MANY. */
function remaining(store: ReturnType<typeof memoryStore>, key: string, now: number): number {
  return (store.take(key, MANY, now, 0) as Taken).remaining
}
