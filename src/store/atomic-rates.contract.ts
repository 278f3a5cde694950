/** What rates must do in every atomic store: never more than the limit, whoever asks how often, and the arithmetic of `gcra.ts`. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { race } from '../../test/support/race.ts'
import type { Rate, Taken } from './atomic.ts'
import { FIVE, MINUTE, NOW, WINNERS_OF, type Trying } from './atomic-fixture.contract.ts'
import { advance, describe as outcome, isAllowed, planTake } from './gcra.ts'

/** What is answered when nothing of `FIVE` is left. */
const SPENT: Taken = { allowed: false, remaining: 0, resetAfter: MINUTE, retryAfter: 12_000 }

export function ratesContract(trying: Trying): void {
  const takes = async (count: number, rate: Rate, name: string, now: number): Promise<number> =>
    (await race(count, () => trying.store.take(name, rate, now))).filter(({ allowed }) => allowed).length

  it('allows the limit in one burst, refuses the next and says when to come back', async () => {
    const name = trying.key()
    for (let left = 4; left >= 0; left--) {
      const taken = await trying.store.take(name, FIVE, NOW)
      assert.deepEqual(taken, { allowed: true, remaining: left, resetAfter: (5 - left) * 12_000, retryAfter: 0 })
    }
    assert.deepEqual(await trying.store.take(name, FIVE, NOW), SPENT)
  })

  it('takes nothing with a refusal, and allows again exactly when it said', async () => {
    const name = trying.key()
    await takes(20, FIVE, name, NOW)
    assert.equal((await trying.store.take(name, FIVE, NOW + 11_999)).allowed, false)
    assert.equal((await trying.store.take(name, FIVE, NOW + 12_000)).allowed, true)
    assert.equal((await trying.store.take(name, FIVE, NOW + 12_000)).allowed, false)
  })

  it('lets exactly the limit pass of many at once (attack A38)', async () => {
    assert.equal(await takes(WINNERS_OF, FIVE, trying.key(), NOW), 5)
  })

  it('has no boundary at which twice the limit passes (attack A37)', async () => {
    const name = trying.key()
    const boundary = Math.ceil(NOW / MINUTE) * MINUTE
    const before = await takes(10, FIVE, name, boundary - 1)
    const behind = await takes(10, FIVE, name, boundary + 1)
    assert.equal(before, 5)
    assert.ok(behind <= 1, `${behind} more passed`)
  })

  it('takes a cost at once or not at all, and only looks with a cost of 0', async () => {
    const name = trying.key()
    assert.equal((await trying.store.take(name, FIVE, NOW, 3)).remaining, 2)
    assert.deepEqual(await trying.store.take(name, FIVE, NOW, 3), {
      allowed: false,
      remaining: 2,
      resetAfter: 36_000,
      retryAfter: 12_000,
    })
    assert.deepEqual(await trying.store.take(name, FIVE, NOW, 0), {
      allowed: true,
      remaining: 2,
      resetAfter: 36_000,
      retryAfter: 0,
    })
    assert.equal((await trying.store.take(name, FIVE, NOW, 2)).remaining, 0)
    assert.deepEqual(await trying.store.take(name, FIVE, NOW, 0), SPENT)
  })

  it('never allows a cost above the limit, and looks at an unknown key without making it known', async () => {
    const name = trying.key()
    const taken = await trying.store.take(name, FIVE, NOW, 1_000_000)
    assert.equal(taken.allowed, false)
    assert.ok(taken.retryAfter > 0)
    assert.deepEqual(await trying.store.take(name, FIVE, NOW, 0), { allowed: true, remaining: 5, resetAfter: 0, retryAfter: 0 })
  })

  it('gives a rate back in full', async () => {
    const name = trying.key()
    await takes(6, FIVE, name, NOW)
    await trying.store.forgive(name)
    assert.equal((await trying.store.take(name, FIVE, NOW)).remaining, 4)
    await trying.store.forgive(trying.key())
  })

  it('does the arithmetic of gcra.ts, step by step, for any sequence', async () => {
    const rate = fc.record({ limit: fc.integer({ min: 1, max: 40 }), period: fc.integer({ min: 1, max: 100_000 }) })
    const step = fc.record({ wait: fc.integer({ min: 0, max: 20_000 }), cost: fc.integer({ min: 0, max: 6 }) })
    const sequence = fc.asyncProperty(rate, fc.array(step, { minLength: 1, maxLength: 15 }), async (limits, steps) => {
      const name = trying.key()
      const expected: Taken[] = []
      const got: Taken[] = []
      let [now, tat] = [NOW, 0]
      for (const { wait, cost } of steps) {
        now += wait
        const plan = planTake(limits, now, cost)
        const allowed = isAllowed(plan, tat)
        if (allowed && cost > 0) tat = advance(plan, tat)
        expected.push(outcome(plan, tat, allowed))
        got.push(await trying.store.take(name, limits, now, cost))
      }
      assert.deepEqual(got, expected)
    })
    await fc.assert(sequence, { numRuns: 40 })
  })

  it('refuses what is no rate, no time and no cost', async () => {
    const bad: [Rate, number, number?][] = [
      [{ limit: 0, period: MINUTE }, NOW],
      [{ limit: 1.5, period: MINUTE }, NOW],
      [{ limit: 5, period: 0 }, NOW],
      [{ limit: 5, period: NaN }, NOW],
      [{ limit: 5, period: Infinity }, NOW],
      [{ limit: 2001, period: 2 }, NOW],
      [FIVE, NaN],
      [FIVE, -1],
      [FIVE, 1e16],
      [FIVE, NOW, -1],
      [FIVE, NOW, 0.5],
    ]
    for (const [rate, now, cost] of bad)
      await assert.rejects(async () => trying.store.take(trying.key(), rate, now, cost), RangeError)
  })
}
