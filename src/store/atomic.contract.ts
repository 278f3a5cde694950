/** What every atomic store must do, whichever it is. Run by the test of each store with a store that is empty. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { AtomicStore, Rate, Taken } from './atomic.ts'
import { MAX_KEY, MAX_VALUE } from './bounds.ts'
import { advance, describe as outcome, isAllowed, planTake } from './gcra.ts'
import { race } from '../../test/support/race.ts'

export interface Opened {
  readonly store: AtomicStore
  close(): Promise<void>
}

/** A day in 2026: the sums of the stores must be exact at the size of real times. */
const NOW = 1_792_000_000_000
const MINUTE = 60_000
const FIVE: Rate = { limit: 5, period: MINUTE }
const WINNERS_OF = 50

/** Keys that a client can bring about, each of them another key: quoting, wildcards, NUL, surrogates, normalisation, case. */
const ODD_KEYS = [
  "'; DROP TABLE hf_value; --",
  'a',
  'A',
  'a ',
  ' a',
  'a\0',
  'a\0b',
  'a\u0001',
  '\u0001610000',
  '\ud800',
  '\udc00',
  '\ufffd',
  '\u00e9',
  'e\u0301',
  '%',
  '_',
  '*',
  '{slot}',
  'a:b',
  'a\r\nb',
  '\u{1f600}',
  '__proto__',
  'constructor',
]

export function atomicContract(name: string, open: () => Promise<Opened>): void {
  describe(`the atomic verbs: ${name}`, () => {
    let opened: Opened
    let store: AtomicStore
    let used = 0
    const key = (): string => `contract:${used++}`
    const takes = async (count: number, rate: Rate, name: string, now: number): Promise<number> =>
      (await race(count, () => store.take(name, rate, now))).filter(({ allowed }) => allowed).length

    before(async () => {
      opened = await open()
      store = opened.store
    })
    after(() => opened?.close())

    it('allows the limit in one burst, refuses the next and says when to come back', async () => {
      const name = key()
      for (let left = 4; left >= 0; left--) {
        const taken = await store.take(name, FIVE, NOW)
        assert.deepEqual(taken, { allowed: true, remaining: left, resetAfter: (5 - left) * 12_000, retryAfter: 0 })
      }
      assert.deepEqual(await store.take(name, FIVE, NOW), {
        allowed: false,
        remaining: 0,
        resetAfter: MINUTE,
        retryAfter: 12_000,
      })
    })

    it('takes nothing with a refusal, and allows again exactly when it said', async () => {
      const name = key()
      await takes(20, FIVE, name, NOW)
      assert.equal((await store.take(name, FIVE, NOW + 11_999)).allowed, false)
      assert.equal((await store.take(name, FIVE, NOW + 12_000)).allowed, true)
      assert.equal((await store.take(name, FIVE, NOW + 12_000)).allowed, false)
    })

    it('lets exactly the limit pass of many at once (attack A38)', async () => {
      assert.equal(await takes(WINNERS_OF, FIVE, key(), NOW), 5)
    })

    it('has no boundary at which twice the limit passes (attack A37)', async () => {
      const name = key()
      const boundary = Math.ceil(NOW / MINUTE) * MINUTE
      const before = await takes(10, FIVE, name, boundary - 1)
      const behind = await takes(10, FIVE, name, boundary + 1)
      assert.equal(before, 5)
      assert.ok(behind <= 1, `${behind} more passed`)
    })

    it('takes a cost at once or not at all, and only looks with a cost of 0', async () => {
      const name = key()
      assert.equal((await store.take(name, FIVE, NOW, 3)).remaining, 2)
      assert.deepEqual(await store.take(name, FIVE, NOW, 3), {
        allowed: false,
        remaining: 2,
        resetAfter: 36_000,
        retryAfter: 12_000,
      })
      assert.deepEqual(await store.take(name, FIVE, NOW, 0), { allowed: true, remaining: 2, resetAfter: 36_000, retryAfter: 0 })
      assert.equal((await store.take(name, FIVE, NOW, 2)).remaining, 0)
      assert.deepEqual(await store.take(name, FIVE, NOW, 0), {
        allowed: false,
        remaining: 0,
        resetAfter: MINUTE,
        retryAfter: 12_000,
      })
    })

    it('never allows a cost above the limit, and looks at an unknown key without making it known', async () => {
      const name = key()
      const taken = await store.take(name, FIVE, NOW, 1_000_000)
      assert.equal(taken.allowed, false)
      assert.ok(taken.retryAfter > 0)
      assert.deepEqual(await store.take(name, FIVE, NOW, 0), { allowed: true, remaining: 5, resetAfter: 0, retryAfter: 0 })
    })

    it('gives a rate back in full', async () => {
      const name = key()
      await takes(6, FIVE, name, NOW)
      await store.forgive(name)
      assert.equal((await store.take(name, FIVE, NOW)).remaining, 4)
      await store.forgive(key())
    })

    it('does the arithmetic of gcra.ts, step by step, for any sequence', async () => {
      const rate = fc.record({ limit: fc.integer({ min: 1, max: 40 }), period: fc.integer({ min: 1, max: 100_000 }) })
      const step = fc.record({ wait: fc.integer({ min: 0, max: 20_000 }), cost: fc.integer({ min: 0, max: 6 }) })
      const sequence = fc.asyncProperty(rate, fc.array(step, { minLength: 1, maxLength: 15 }), async (limits, steps) => {
        const name = key()
        const expected: Taken[] = []
        const got: Taken[] = []
        let [now, tat] = [NOW, 0]
        for (const { wait, cost } of steps) {
          now += wait
          const plan = planTake(limits, now, cost)
          const allowed = isAllowed(plan, tat)
          if (allowed && cost > 0) tat = advance(plan, tat)
          expected.push(outcome(plan, tat, allowed))
          got.push(await store.take(name, limits, now, cost))
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
      for (const [rate, now, cost] of bad) await assert.rejects(async () => store.take(key(), rate, now, cost), RangeError)
    })

    it('keeps a value until its time by the caller, to the millisecond', async () => {
      const name = key()
      await store.put(name, 'one', 1000, NOW)
      await store.put(name, 'two', 1000, NOW)
      assert.equal(await store.get(name, NOW + 999), 'two')
      assert.equal(await store.get(name, NOW + 1000), undefined)
      assert.equal(await store.get(key(), NOW), undefined)
    })

    it('deletes a value, also one that is not there', async () => {
      const name = key()
      await store.put(name, 'one', 1000, NOW)
      await store.delete(name)
      await store.delete(name)
      assert.equal(await store.get(name, NOW), undefined)
    })

    it('gives a value to exactly one of many who consume it', async () => {
      const name = key()
      await store.put(name, 'code', 1000, NOW)
      const got = await race(WINNERS_OF, () => store.consumeOnce(name, NOW))
      assert.deepEqual(
        got.filter((value) => value !== undefined),
        ['code'],
      )
    })

    it('consumes nothing that has expired', async () => {
      const name = key()
      await store.put(name, 'code', 1000, NOW)
      assert.equal(await store.consumeOnce(name, NOW + 1000), undefined)
    })

    it('counts up to the limit and no further, however many count', async () => {
      const name = key()
      const counts = await race(WINNERS_OF, () => store.incrementIf(name, 5, 1000, NOW))
      assert.deepEqual(
        counts
          .filter(({ ok }) => ok)
          .map(({ count }) => count)
          .toSorted(),
        [1, 2, 3, 4, 5],
      )
      assert.deepEqual(await store.incrementIf(name, 5, 1000, NOW), { ok: false, count: 5 })
      assert.equal(await store.get(name, NOW), '5')
    })

    it('starts the time of a count with its first and begins again after it', async () => {
      const name = key()
      await store.incrementIf(name, 2, 1000, NOW)
      await store.incrementIf(name, 2, 1000, NOW + 900)
      assert.deepEqual(await store.incrementIf(name, 2, 1000, NOW + 999), { ok: false, count: 2 })
      assert.deepEqual(await store.incrementIf(name, 2, 1000, NOW + 1000), { ok: true, count: 1 })
      await store.delete(name)
      assert.deepEqual(await store.incrementIf(name, 2, 1000, NOW + 1000), { ok: true, count: 1 })
    })

    it('never counts with a limit of 0, and refuses to count on a value', async () => {
      assert.deepEqual(await store.incrementIf(key(), 0, 1000, NOW), { ok: false, count: 0 })
      for (const value of ['', 'abc', '1x', '-1', '9'.repeat(16)]) {
        const name = key()
        await store.put(name, value, 1000, NOW)
        await assert.rejects(async () => store.incrementIf(name, 5, 1000, NOW), { code: 'store-misuse' })
        assert.equal(await store.get(name, NOW), value)
      }
    })

    it('reserves for one of many, extends for the same, frees for the same alone', async () => {
      const name = key()
      const won = await race(WINNERS_OF, (index) => store.reserve(name, `owner ${index}`, 1000, NOW))
      assert.equal(won.filter(Boolean).length, 1)
      const owner = `owner ${won.indexOf(true)}`
      assert.equal(await store.reserve(name, owner, 2000, NOW), true)
      assert.equal(await store.reserve(name, 'late', 1000, NOW + 1999), false)
      assert.equal(await store.release(name, 'late'), false)
      assert.equal(await store.release(name, owner), true)
      assert.equal(await store.release(name, owner), false)
      assert.equal(await store.reserve(name, 'late', 1000, NOW), true)
    })

    it('lets a reservation lapse', async () => {
      const name = key()
      await store.reserve(name, 'first', 1000, NOW)
      assert.equal(await store.reserve(name, 'second', 1000, NOW + 999), false)
      assert.equal(await store.reserve(name, 'second', 1000, NOW + 1000), true)
    })

    it('swaps for exactly one of many who saw the same value', async () => {
      const name = key()
      const made = await race(WINNERS_OF, (index) => store.compareAndSwap(name, undefined, `made ${index}`, 1000, NOW))
      assert.equal(made.filter(Boolean).length, 1)
      const seen = await store.get(name, NOW)
      assert.equal(seen, `made ${made.indexOf(true)}`)
      const swapped = await race(WINNERS_OF, (index) => store.compareAndSwap(name, seen, `next ${index}`, 1000, NOW))
      assert.equal(swapped.filter(Boolean).length, 1)
      assert.equal(await store.get(name, NOW), `next ${swapped.indexOf(true)}`)
    })

    it('takes an expired value for none when it compares', async () => {
      const name = key()
      await store.put(name, 'old', 1000, NOW)
      assert.equal(await store.compareAndSwap(name, 'old', 'new', 1000, NOW + 1000), false)
      assert.equal(await store.compareAndSwap(name, undefined, 'new', 1000, NOW + 1000), true)
      assert.equal(await store.get(name, NOW + 1001), 'new')
    })

    it('keeps every odd key and value apart, to the character', async () => {
      for (const odd of ODD_KEYS) await store.put(odd, `value of ${odd}`, 1000, NOW)
      for (const odd of ODD_KEYS) assert.equal(await store.get(odd, NOW), `value of ${odd}`)
      for (const odd of ODD_KEYS) {
        await store.put('holder', odd, 1000, NOW)
        assert.equal(await store.compareAndSwap('holder', odd, `${odd}!`, 1000, NOW), true)
        assert.equal(await store.consumeOnce('holder', NOW), `${odd}!`)
      }
      for (const odd of ODD_KEYS) assert.equal((await store.take(odd, FIVE, NOW)).remaining, 4)
    })

    it('accepts the longest key and value, and refuses longer, empty and other ones', async () => {
      for (const char of ['k', '\u20ac', '\ud800', '\u{1f600}']) {
        const longest = char.repeat(MAX_KEY / char.length)
        await store.put(longest, char.repeat(MAX_VALUE / char.length), 1000, NOW)
        assert.equal((await store.consumeOnce(longest, NOW))?.length, MAX_VALUE)
        assert.equal((await store.take(longest, FIVE, NOW)).remaining, 4)
      }
      await assert.rejects(async () => store.get('k'.repeat(MAX_KEY + 1), NOW), RangeError)
      await assert.rejects(async () => store.take('', FIVE, NOW), RangeError)
      await assert.rejects(async () => store.take(undefined as never, FIVE, NOW), TypeError)
      await assert.rejects(async () => store.put(key(), 'v'.repeat(MAX_VALUE + 1), 1000, NOW), RangeError)
    })

    it('accepts a ttl without end and refuses one that is none', async () => {
      for (const ttl of [Infinity, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE]) {
        const name = key()
        await store.put(name, 'kept', ttl, NOW)
        assert.equal(await store.get(name, NOW + 50 * 365 * 86_400_000), 'kept')
      }
      for (const ttl of [0, -1, NaN]) {
        await assert.rejects(async () => store.put(key(), 'v', ttl, NOW), RangeError)
        await assert.rejects(async () => store.incrementIf(key(), 5, ttl, NOW), RangeError)
        await assert.rejects(async () => store.reserve(key(), 'v', ttl, NOW), RangeError)
      }
    })

    it('sweeps what is over and nothing else', async () => {
      const [value, count, rate, kept] = [key(), key(), key(), key()]
      await store.put(value, 'v', 1000, NOW)
      await store.incrementIf(count, 5, 1000, NOW)
      await store.take(rate, { limit: 5, period: 1000 }, NOW)
      await store.put(kept, 'kept', 60_000, NOW)
      await store.take(kept, FIVE, NOW)
      const swept = await store.sweep(NOW + 1000)
      assert.ok(swept === 0 || swept >= 3, `${swept} swept`)
      assert.equal(await store.get(kept, NOW + 1000), 'kept')
      assert.equal((await store.take(kept, FIVE, NOW + 1000)).remaining, 3)
    })

    it('answers a ping', async () => {
      await store.ping()
    })
  })
}
