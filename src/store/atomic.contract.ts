/** What every atomic store must do, whichever it is. Run by the test of each store with a store that is empty. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { AtomicStore } from './atomic.ts'
import { FIVE, NOW, type Trying } from './atomic-fixture.contract.ts'
import { ratesContract } from './atomic-rates.contract.ts'
import { valuesContract } from './atomic-values.contract.ts'
import { MAX_KEY, MAX_VALUE } from './bounds.ts'

export interface Opened {
  readonly store: AtomicStore
  close(): Promise<void>
}

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
    const trying: Trying = {
      get store() {
        return store
      },
      key,
    }

    before(async () => {
      opened = await open()
      store = opened.store
    })
    after(() => opened?.close())

    ratesContract(trying)
    valuesContract(trying)

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
