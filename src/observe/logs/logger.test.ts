import assert from 'node:assert/strict'
import { PassThrough, Writable } from 'node:stream'
import { describe, it } from 'node:test'
import pino from 'pino'
import { Secret } from '../../crypto/secret.ts'
import { eventWith, HOSTILE, UNSAFE } from '../../../test/support/hostile-text.ts'
import type { Report } from '../../engine/events.ts'
import { isLogger, loggerSink } from './logger.ts'
import { createSinkHealth } from './sink.ts'
import { streamSink } from './stream.ts'

function listen() {
  const told: Report[] = []
  return { told, health: createSinkHealth('logger', (report) => void told.push(report)) }
}

describe('the log through pino', () => {
  const output = new PassThrough()
  const logger = pino({ base: null, timestamp: false }, output)
  const { health } = listen()
  const lineFor = (event: Parameters<ReturnType<typeof loggerSink>['write']>[0]) => {
    loggerSink(logger, health).write(event)
    return (output.read() as Buffer).toString()
  }

  it('is taken for a logger, and gets the facts as they are', () => {
    assert.ok(isLogger(logger))
    const { level, msg, ...facts } = JSON.parse(
      lineFor({ ...eventWith({ count: 3, none: null, some: ['a'] }), requestId: 'r' }),
    ) as Record<string, unknown>
    assert.deepEqual([level, msg], [40, 'authn_login_fail'])
    assert.deepEqual(facts, {
      at: '2026-01-02T00:00:00.000Z',
      severity: 'warn',
      type: 'authn_login_fail',
      control: 'accounts',
      requestId: 'r',
      data: { count: 3, none: null, some: ['a'] },
    })
  })

  it('has the levels of pino', () => {
    const levels = (['info', 'warn', 'critical'] as const).map(
      (level) => (JSON.parse(lineFor({ ...eventWith(), level })) as { level: number }).level,
    )
    assert.deepEqual(levels, [30, 40, 50])
  })

  it('has nothing in it that could forge a line, in any way of showing it', () => {
    const text = lineFor({ ...eventWith({ name: HOSTILE, [HOSTILE]: HOSTILE, list: [HOSTILE] }), path: HOSTILE })
    assert.doesNotMatch(text.trimEnd(), UNSAFE)
    const printed: string[] = []
    // A logger for people shows texts as they are.
    const pretty = (facts: object, message: string) =>
      void printed.push(message, ...Object.values(facts).map(String), String((facts as { data: { name: string } }).data.name))
    loggerSink({ info: pretty, warn: pretty, error: pretty }, health).write({ ...eventWith({ name: HOSTILE }), path: HOSTILE })
    for (const part of printed) assert.doesNotMatch(part, UNSAFE)
  })

  it('never shows a secret', () => assert.doesNotMatch(lineFor(eventWith({ oops: new Secret('walrus') as never })), /walrus/))
})

describe('a logger', () => {
  it('that throws loses its lines alone', () => {
    const { told, health } = listen()
    const broken = () => {
      throw new Error('no')
    }
    const sink = loggerSink({ info: broken, warn: broken, error: broken }, health)
    for (let n = 0; n < 3; n++) sink.write(eventWith())
    assert.equal(sink.lost, 3)
    assert.deepEqual(
      told.map(({ type }) => type),
      ['sys_log_lost'],
    )
  })

  it('is what has three methods, such as the console, and nothing else', () => {
    assert.ok(isLogger(console))
    for (const value of [null, 'stdout', { info() {}, warn() {} }, { info: 1, warn: 2, error: 3 }]) assert.ok(!isLogger(value))
  })
})

describe('the log on standard output', () => {
  it('loses lines when nobody reads, keeps a bounded number of bytes, and goes on when somebody does', async () => {
    const { told, health } = listen()
    let reading = false
    const waiting: (() => void)[] = []
    const pipe = new Writable({ write: (_chunk, _encoding, done) => void (reading ? setImmediate(done) : waiting.push(done)) })
    const sink = streamSink(pipe, health)
    for (let n = 0; n < 20_000; n++) sink.write(eventWith({ text: 'x'.repeat(200) }))
    assert.ok(pipe.writableLength < 1_100_000, `${pipe.writableLength}`)
    assert.ok(sink.lost > 10_000)
    assert.deepEqual(told, [{ type: 'sys_log_lost', data: { sink: 'logger', error: 'slow-reader' } }])
    reading = true
    for (const done of waiting.splice(0)) done()
    await new Promise((resolve) => pipe.once('drain', resolve))
    sink.write(eventWith())
    assert.equal(told[1]?.type, 'sys_log_back')
  })

  it('does not end the process when its reader has gone', async () => {
    const { told, health } = listen()
    const pipe = new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })) })
    const sink = streamSink(pipe, health)
    sink.write(eventWith())
    await new Promise((resolve) => pipe.once('close', resolve))
    sink.write(eventWith())
    assert.deepEqual(told, [{ type: 'sys_log_lost', data: { sink: 'logger', error: 'EPIPE' } }])
    assert.equal(sink.lost, 1)
  })

  it('has one line for one event', () => {
    const pipe = new PassThrough()
    streamSink(pipe, listen().health).write({ ...eventWith({ name: HOSTILE }), path: HOSTILE })
    const text = (pipe.read() as Buffer).toString()
    assert.doesNotMatch(text.slice(0, -1), UNSAFE)
    assert.ok(text.endsWith('}\n'))
  })
})
