import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { race } from '../../../test/support/race.ts'
import { memoryStore } from '../../store/memory.ts'
import { createTally } from './tally.ts'

const RATE = { limit: 5, period: 60_000 }
const NOW = Date.UTC(2026, 5, 1)

describe('createTally', () => {
  it('gives exactly the limit to many at once', async () => {
    const tally = createTally(memoryStore())
    const answers = await race(100, () => tally.take('key', RATE, NOW))
    assert.equal(answers.filter(({ ok }) => ok).length, 5)
    assert.ok(answers.every(({ ok, retryAfter }) => ok || retryAfter === 12_000))
  })

  it('counts like the store’s own rate', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 30 }), async (steps) => {
        const store = memoryStore()
        const tally = createTally(store)
        let now = NOW
        for (const step of steps) {
          now += step
          const expected = await store.take('rate', RATE, now)
          const { ok, retryAfter } = await tally.take('tally', RATE, now)
          assert.deepEqual([ok, retryAfter], [expected.allowed, expected.retryAfter])
        }
      }),
      { numRuns: 200 },
    )
  })

  it('gives back what was taken, and never more', async () => {
    const tally = createTally(memoryStore())
    await race(5, () => tally.take('key', RATE, NOW))
    await race(3, () => tally.giveBack('key', RATE, NOW))
    assert.equal((await tally.look('key', RATE, NOW)).remaining, 3)
    await race(20, () => tally.giveBack('key', RATE, NOW))
    const answers = await race(20, () => tally.take('key', RATE, NOW))
    assert.equal(answers.filter(({ ok }) => ok).length, 5)
    await tally.clear('key')
    assert.equal((await tally.look('key', RATE, NOW)).remaining, 5)
  })

  it('refuses when it cannot win, instead of trying for ever', async () => {
    const tally = createTally({ get: () => undefined, compareAndSwap: () => false, delete: () => undefined })
    assert.deepEqual(await tally.take('key', RATE, NOW), { ok: false, remaining: 0, retryAfter: 1000 })
    await tally.giveBack('key', RATE, NOW)
  })
})
