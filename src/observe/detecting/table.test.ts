/** What bounded counting holds: memory, what a flood can make it forget, and that nobody can aim at a place. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { detections } from '../detections/index.ts'
import { createCounts, MOST_KEYS, MOST_SEEN, type Bucket } from './counts.ts'
import { createDigest } from './digest.ts'
import { defaultsOf } from './options.ts'
import { event } from './replay.ts'
import { createRuntime } from './runtime.ts'
import type { EventSignal } from './signal.ts'
import { BYTES_PER_KEY, createTable } from './table.ts'

const counts = () => createCounts({ digest: createDigest(randomBytes(8)), share: undefined })

function bucketOf(holds: number, leak: number): { readonly bucket: Bucket<EventSignal>; readonly over: string[] } {
  const over: string[] = []
  return { bucket: counts().bucket<EventSignal>('test', { holds, leak, overflow: ({ key }) => over.push(key) }), over }
}

describe('a table', () => {
  it('gives back what was put, and 0 for what was not', () => {
    const table = createTable(1024)
    table.set(1, 2, 300, 0)
    assert.deepEqual([table.get(1, 2), table.get(2, 1), table.get(1, 3)], [300, 0, 0])
    table.set(1, 2, 400, 0)
    assert.equal(table.get(1, 2), 400)
    table.delete(1, 2)
    assert.equal(table.get(1, 2), 0)
  })

  it('keeps all keys while it is far from full, and never grows over its limit', () => {
    const table = createTable(65_536)
    const digest = createDigest(randomBytes(8))
    const keys = Array.from({ length: 4000 }, (_, index) => {
      digest.of(`key ${index}`)
      return [digest.hi, digest.lo] as const
    })
    for (const [hi, lo] of keys) table.set(hi, lo, 1000, 0)
    assert.ok(keys.every(([hi, lo]) => table.get(hi, lo) === 1000))
    for (let index = 0; index < 1_000_000; index++) table.set(index, Math.imul(index, 2_654_435_761) || 1, 500, 0)
    assert.equal(table.bytes, 65_536 * BYTES_PER_KEY)
  })

  it('writes over what is past before it grows', () => {
    const table = createTable(65_536)
    const digest = createDigest(randomBytes(8))
    for (let index = 0; index < 500_000; index++) {
      digest.of(`key ${index}`)
      table.set(digest.hi, digest.lo, index + 10, index)
    }
    assert.equal(table.bytes, 1024 * BYTES_PER_KEY)
  })
})

describe('a bucket', () => {
  it('holds so many, overflows at the next, and leaks one in its time', () => {
    const { bucket, over } = bucketOf(3, 1000)
    for (const at of [0, 0, 0]) bucket.pour('a', event('session_forged', { at }))
    assert.deepEqual(over, [])
    bucket.pour('a', event('session_forged', { at: 0 }))
    assert.deepEqual(over, ['a'])
    bucket.pour('a', event('session_forged', { at: 1000 }))
    assert.deepEqual(over, ['a'])
    bucket.pour('a', event('session_forged', { at: 1001 }))
    assert.deepEqual(over, ['a', 'a'])
  })

  it('counts what differs once, and says how full it is', () => {
    const { bucket, over } = bucketOf(3, 1000)
    for (const value of ['x', 'y', 'x', 'y', 'x']) bucket.pour('a', event('session_forged'), value)
    assert.equal(bucket.level('a', event('session_forged').time), 2)
    bucket.empty('a')
    assert.equal(bucket.level('a', event('session_forged').time), 0)
    assert.deepEqual(over, [])
  })

  it('remembers who is near the threshold while a million others come by once (the attacker forgets themselves)', () => {
    const { bucket, over } = bucketOf(5, 60_000)
    for (let index = 0; index < 5; index++) bucket.pour('attacker', event('session_forged'))
    for (let index = 0; index < 1_000_000; index++) bucket.pour(`flood ${index}`, event('session_forged', { at: index / 1000 }))
    assert.deepEqual(over, [])
    bucket.pour('attacker', event('session_forged', { at: 2000 }))
    assert.deepEqual(over, ['attacker'])
  })

  it('takes a fixed amount of memory for a million keys', () => {
    const all = counts()
    const bucket = all.bucket<EventSignal>('test', { holds: 5, leak: 60_000, overflow: () => undefined })
    for (let index = 0; index < 1_000_000; index++) bucket.pour(`flood ${index}`, event('session_forged'), 'value')
    assert.equal(all.bytes, (MOST_KEYS + MOST_SEEN) * BYTES_PER_KEY)
  })
})

describe('all detections together', () => {
  it('stay under 100 MiB even when every table is full', async () => {
    const runtime = createRuntime({
      chosen: detections.map((detection) => ({ detection, state: 'on', thresholds: defaultsOf(detection) })),
      emit: () => undefined,
      random: (bytes) => randomBytes(bytes).toString('base64url'),
      site: 'https://app.example',
      onFault: (error) => assert.fail(String(error)),
    })
    const buckets = runtime.bytes / (1024 * BYTES_PER_KEY)
    for (const { replay, ...detection } of detections)
      for (const signal of replay.fires(defaultsOf({ replay, ...detection }))) runtime.take(signal)
    await runtime.settled()
    const all = runtime.bytes / (1024 * BYTES_PER_KEY)
    await runtime.stop()
    // Tables of seen values are made when they are needed: by now all are there.
    const most = (buckets * MOST_KEYS + (all - buckets) * MOST_SEEN) * BYTES_PER_KEY
    assert.ok(buckets > 30 && all > buckets)
    assert.ok(most < 100 * 1_048_576, `${most / 1_048_576} MiB`)
  })
})

describe('a digest', () => {
  it('is the same for the same text, and another with another secret', () => {
    const [one, other] = [createDigest(Buffer.alloc(8, 1)), createDigest(Buffer.alloc(8, 2))]
    const of = (digest: typeof one, text: string, more?: string) => {
      if (more === undefined) digest.of(text)
      else digest.pair(text, more)
      return `${digest.hi} ${digest.lo}`
    }
    assert.equal(of(one, 'a', 'b'), of(one, 'a', 'b'))
    assert.notEqual(of(one, 'a'), of(other, 'a'))
    assert.notEqual(of(one, 'ab', 'c'), of(one, 'a', 'bc'))
    assert.notEqual(of(one, 'abc'), of(one, 'ab', 'c'))
    assert.notEqual(of(one, 'a', 'b'), of(one, 'b', 'a'))
    assert.notEqual(of(one, 'a', 'a'), of(one, 'b', 'b'))
  })

  it('spreads keys that differ in one character over all places', () => {
    const digest = createDigest(randomBytes(8))
    const seen = new Set<string>()
    const groups = new Uint32Array(128)
    for (let index = 0; index < 20_000; index++) {
      digest.of(`198.18.${index >> 8}.${index & 255}`)
      seen.add(`${digest.hi} ${digest.lo}`)
      groups[digest.lo & 127]!++
    }
    assert.equal(seen.size, 20_000)
    assert.ok(Math.max(...groups) < 260 && Math.min(...groups) > 80, `${Math.min(...groups)} to ${Math.max(...groups)}`)
  })

  it('refuses a secret that is none', () => assert.throws(() => createDigest(new Uint8Array(4)), RangeError))
})
