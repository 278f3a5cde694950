import assert from 'node:assert/strict'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { eventWith, HOSTILE, UNSAFE } from '../../../test/support/hostile-text.ts'
import type { Report } from '../../engine/events.ts'
import { fileSink, type Rotation } from './file.ts'
import { createSinkHealth } from './sink.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-log-'))
after(() => rmSync(root, { recursive: true, force: true }))

function open(name: string, rotate?: Rotation) {
  const path = join(root, name)
  const told: Report[] = []
  const faults: unknown[] = []
  const clock = { now: 1_000_000 }
  const health = createSinkHealth('file', (report) => void told.push(report))
  const sink = fileSink(path, { rotate, health, now: () => clock.now, onFault: (error) => void faults.push(error) })
  const write = (count: number, text = '') => sink.write(eventWith({ count, text }))
  return { path, sink, write, told, faults, clock }
}

const countsIn = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((text) => (JSON.parse(text) as { data: { count: number } }).data.count)

describe('the log in a file', () => {
  it('is appended to, in a folder and a file that their owner alone can read', () => {
    for (const count of [1, 2]) {
      const { sink, write } = open('deep/log')
      write(count)
      void sink.close()
    }
    assert.deepEqual(countsIn(join(root, 'deep/log')), [1, 2])
    assert.equal(statSync(join(root, 'deep/log')).mode & 0o777, 0o600)
    assert.equal(statSync(join(root, 'deep')).mode & 0o777, 0o700)
  })

  it('has one line for one event, whatever stands in it', () => {
    const { path, write, sink } = open('hostile')
    write(1, HOSTILE)
    void sink.close()
    const text = readFileSync(path, 'utf8')
    assert.equal(text.split('\n').length, 2)
    assert.doesNotMatch(text.trimEnd(), UNSAFE)
  })

  it('is put aside when it is full; so many are kept, and no line is lost or stands in two of them', () => {
    const { path, write, sink } = open('rotated', { size: 4096, keep: 3 })
    for (let count = 0; count < 200; count++) write(count, 'x'.repeat(200))
    void sink.close()
    const files = [`${path}.3`, `${path}.2`, `${path}.1`, path]
    for (const file of files) {
      assert.ok(statSync(file).size <= 4096, file)
      assert.equal(statSync(file).mode & 0o777, 0o600)
    }
    assert.ok(!existsSync(`${path}.4`))
    const kept = files.flatMap(countsIn)
    assert.deepEqual(
      kept,
      Array.from({ length: kept.length }, (_, n) => 200 - kept.length + n),
    )
  })

  it('keeps a line that is longer than a file may be', () => {
    const { path, write, sink } = open('long', { size: 100, keep: 1 })
    for (const count of [1, 2]) write(count, 'y'.repeat(300))
    void sink.close()
    assert.deepEqual([countsIn(`${path}.1`), countsIn(path)], [[1], [2]])
  })

  it('of two processes is put aside once, and both go on in the new one', () => {
    const [one, two] = [open('shared', { size: 2000, keep: 2 }), open('shared', { size: 2000, keep: 2 })]
    for (let count = 0; count < 12; count++) (count % 2 ? one : two).write(count, 'z'.repeat(200))
    for (const { sink } of [one, two]) void sink.close()
    const kept = [`${one.path}.2`, `${one.path}.1`, one.path].flatMap((file) => (existsSync(file) ? countsIn(file) : []))
    assert.deepEqual(kept, [...new Set(kept)])
    assert.equal(kept.length, 12)
  })

  it('is followed when logrotate moves it', () => {
    const { path, write, sink, clock } = open('moved')
    write(1)
    renameSync(path, `${path}.old`)
    clock.now += 1000
    write(2)
    void sink.close()
    assert.deepEqual([countsIn(`${path}.old`), countsIn(path)], [[1], [2]])
  })

  it('goes on in the full one when it cannot be put aside, and says so once', () => {
    const { path, write, sink, faults } = open('stuck/log', { size: 500, keep: 1 })
    mkdirSync(`${path}.1/in-the-way`, { recursive: true })
    for (let count = 0; count < 10; count++) write(count, 'q'.repeat(200))
    void sink.close()
    assert.equal(countsIn(path).length, 10)
    assert.equal(faults.length, 1)
  })

  it('that cannot be opened is an error at once', () => {
    appendFileSync(join(root, 'a-file'), '')
    assert.throws(() => open('a-file/log'), { code: /ENOTDIR|EEXIST/ })
  })

  it(
    'on a full disk loses lines, counts them and says so once',
    { skip: !existsSync('/dev/full') && 'there is no /dev/full' },
    () => {
      const told: Report[] = []
      const health = createSinkHealth('file', (report) => void told.push(report))
      const sink = fileSink('/dev/full', { health, now: Date.now, onFault() {} })
      for (let count = 0; count < 5; count++) sink.write(eventWith({ count }))
      void sink.close()
      assert.equal(sink.lost, 5)
      assert.deepEqual(told, [{ type: 'sys_log_lost', data: { sink: 'file', error: 'ENOSPC' } }])
    },
  )
})

describe('the health of a sink', () => {
  it('is told once when lines are lost, and with their number when it is back, and never in a circle', () => {
    const told: Report[] = []
    const health = createSinkHealth('file', (report) => {
      told.push(report)
      if (report.type === 'sys_log_lost') health.lose('the same again')
    })
    health.written()
    for (let n = 0; n < 3; n++) health.lose(Object.assign(new Error('no space'), { code: 'ENOSPC' }))
    health.written()
    health.written()
    health.lose(new Error('gone'))
    assert.deepEqual(told, [
      { type: 'sys_log_lost', data: { sink: 'file', error: 'ENOSPC' } },
      { type: 'sys_log_back', data: { sink: 'file', lost: 4 } },
      { type: 'sys_log_lost', data: { sink: 'file', error: 'gone' } },
    ])
    assert.equal(health.lost, 6)
  })
})
