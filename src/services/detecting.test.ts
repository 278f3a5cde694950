/** The parts between the application and the detections: clock, log, memos, places, a weaker start. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { writeMmdb } from '../../test/detections/mmdb.ts'
import type { Report } from '../engine/events.ts'
import { watchClock } from '../observe/detecting/clock-watch.ts'
import { createMemos } from '../observe/detecting/memos.ts'
import { openPlaces } from '../observe/detecting/places-file.ts'
import { kilometres } from '../observe/detecting/places.ts'
import { memoryStore } from '../store/memory.ts'
import { tellWeaker } from './weaker-start.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-detecting-'))
after(() => rmSync(folder, { recursive: true, force: true }))

describe('the clock', () => {
  it('is told when it jumps, forth or back, and not when it is set right or runs', () => {
    const said: Report[] = []
    let [now, steady] = [1_000_000, 0]
    const watch = watchClock({ now: () => now, steady: () => steady, emit: (report) => void said.push(report) })
    for (const [clock, passed] of [
      [10_000, 10_000],
      [12_000, 10_000],
      [3_600_000, 10_000],
      [-86_400_000, 10_000],
      [10_000, 10_000],
    ] as const) {
      now += clock
      steady += passed
      watch.look()
    }
    watch.stop()
    assert.deepEqual(
      said.map(({ type, data }) => [type, data?.['by']]),
      [
        ['sys_clock_jump', 3590],
        ['sys_clock_jump', -86_410],
      ],
    )
  })
})

describe('a start with something weaker', () => {
  it('is told once for each that is new, and never the first start of all', async () => {
    const store = memoryStore()
    const said: unknown[] = []
    const start = (...weaker: string[]) =>
      tellWeaker(store, weaker, { now: 0, emit: ({ type, data }) => void said.push([type, data?.['what']]) })
    await start('HF-OFF-csrf')
    await start('HF-OFF-csrf')
    await start('HF-OFF-csrf', 'HF-OFF-cors')
    await start()
    await start('HF-OFF-cors')
    assert.deepEqual(said, [
      ['sys_weaker_start', 'HF-OFF-cors'],
      ['sys_weaker_start', 'HF-OFF-cors'],
    ])
  })
})

describe('a memo', () => {
  const add = (before: string | undefined) => `${before ?? ''}x`
  const fail = (error: unknown): never => {
    throw error
  }

  it('outlives the process, with what was changed while it was still being read', async () => {
    const store = memoryStore()
    for (const expected of ['xx', 'xxxx']) {
      const memos = createMemos({ store, several: false, onFault: fail })
      const memo = memos.memo('test', 1000)
      memo.update('a', 0, add)
      memo.update('a', 0, add)
      await memos.flush()
      memos.stop()
      assert.equal(await store.get('detections:memo:test:a', 0), expected)
    }
  })

  it('changed by two processes at once keeps both changes', async () => {
    const store = memoryStore()
    const both = [1, 2].map(() => createMemos({ store, several: true, onFault: fail }))
    for (const memos of both) for (let time = 0; time < 2; time++) memos.memo('test', 1000).update('a', 0, add)
    for (const memos of both) await memos.flush()
    assert.equal(await store.get('detections:memo:test:a', 0), 'xxxx')
  })

  it('is kept for so many users and no more, and reads the others again', async () => {
    const memos = createMemos({ store: undefined, several: false, onFault: fail })
    const memo = memos.memo('test', 1000)
    let found: string | undefined
    memo.update('first', 0, () => 'known')
    for (let index = 0; index < 20_000; index++) memo.update(`user ${index}`, 0, () => 'known')
    memo.update('first', 0, (before) => (found = before))
    memo.update('user 19999', 0, (before) => (assert.equal(before, 'known'), before))
    assert.equal(found, undefined)
    await memos.flush()
  })
})

describe('places', () => {
  const file = join(folder, 'places.mmdb')
  writeFileSync(file, writeMmdb([{ network: '203.0.113.0/24', country: 'JP', latitude: 35.68, longitude: 139.69 }]))

  it('come from the file; private and unknown addresses are nowhere', async () => {
    const locate = await openPlaces(file)
    assert.deepEqual(locate('203.0.113.9'), { country: 'JP', latitude: 35.68, longitude: 139.69 })
    for (const address of ['10.0.0.1', '192.168.1.1', '127.0.0.1', '::1', 'fe80::1', '198.51.100.1', 'unknown', ''])
      assert.equal(locate(address), undefined, address)
  })

  it('of a file that is none stop the start, and say what to give', async () => {
    writeFileSync(join(folder, 'none.mmdb'), 'no database')
    for (const wrong of ['none.mmdb', 'missing.mmdb'])
      await assert.rejects(openPlaces(join(folder, wrong)), /HF_OPTION_INVALID[^]*GeoLite2/)
  })

  it('are as far from each other as on the globe', () => {
    assert.ok(Math.abs(kilometres([52.52, 13.4], [35.68, 139.69]) - 8920) < 30)
    assert.equal(kilometres([1, 2], [1, 2]), 0)
  })
})
