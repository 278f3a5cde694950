import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OTHER } from './label-sets.ts'
import { measureEvents } from './events.ts'
import { createMetrics } from './metrics.ts'

const OPEN = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
const linesOf = async (metrics: ReturnType<typeof createMetrics>, accept?: string) =>
  (await metrics.render(accept)).body.split('\n').filter((line) => !/metrics_(unread|folded)/.test(line))

describe('metrics as text', () => {
  it('are in the format of Prometheus for who asks for nothing else', async () => {
    const metrics = createMetrics()
    metrics.counter({ name: 'app_jobs_total', help: 'Jobs.', labels: ['kind'] }).add(['a'], 2)
    metrics.gauge({ name: 'app_queue', help: 'How\nlong.' }).set(-1.5)
    assert.match((await metrics.render()).type, /^text\/plain; version=0\.0\.4/)
    assert.deepEqual(await linesOf(metrics), [
      ...['# HELP app_jobs_total Jobs.', '# TYPE app_jobs_total counter', 'app_jobs_total{kind="a"} 2'],
      ...['# HELP app_queue How\\nlong.', '# TYPE app_queue gauge', 'app_queue -1.5', ''],
    ])
  })

  it('are OpenMetrics for who asks for it: families without suffix, units, and an end', async () => {
    const metrics = createMetrics()
    metrics.counter({ name: 'app_busy_seconds_total', help: 'Time.' }).add([], 0.5)
    assert.match((await metrics.render(OPEN)).type, /^application\/openmetrics-text; version=1\.0\.0; charset=utf-8$/)
    assert.deepEqual(await linesOf(metrics, OPEN), [
      ...['# HELP app_busy_seconds Time.', '# TYPE app_busy_seconds counter', '# UNIT app_busy_seconds seconds'],
      ...['app_busy_seconds_total 0.5', '# EOF', ''],
    ])
  })

  it('add the buckets of a histogram up', async () => {
    const metrics = createMetrics()
    const waits = metrics.histogram({ name: 'app_wait_seconds', help: 'Waits.', buckets: [0.5, 1] })
    for (const value of [0.5, 0.7, 0.7, 9]) waits.observe(value)
    assert.deepEqual((await linesOf(metrics)).slice(2, -1), [
      'app_wait_seconds_bucket{le="0.5"} 1',
      'app_wait_seconds_bucket{le="1"} 3',
      'app_wait_seconds_bucket{le="+Inf"} 4',
      `app_wait_seconds_sum ${0.5 + 0.7 + 0.7 + 9}`,
      'app_wait_seconds_count 4',
    ])
    assert.match((await metrics.render(OPEN)).body, /_bucket\{le="1\.0"\} 3/)
  })

  it('cannot be broken, nor a terminal, by what stands in a label', async () => {
    const metrics = createMetrics()
    metrics.counter({ name: 'app_total', help: 'x', labels: ['name'] }).add(['a"} 1\nb\\\r\u001b[2J\u202e\u2028\u0085\ud800'])
    const line = (await linesOf(metrics)).find((text) => text.startsWith('app_total{'))
    assert.equal(line, 'app_total{name="a\\"} 1\\\\u000ab\\\\\\\\u000d\\\\u001b[2J\\\\u202e\\\\u2028\\\\u0085\\\\ud800"} 1')
  })
})

describe('label sets', () => {
  it('are never more than so many: all others are counted together, and that is counted', async () => {
    const metrics = createMetrics()
    const counter = metrics.counter({ name: 'app_total', help: 'x', labels: ['who', 'what'], most: 10 })
    for (let n = 0; n < 100_000; n++) counter.add([`${n}`, 'x'])
    const lines = (await linesOf(metrics)).filter((line) => line.startsWith('app_total{'))
    assert.equal(lines.length, 11)
    assert.ok(lines.includes(`app_total{who="${OTHER}",what="${OTHER}"} 99990`))
    assert.match((await metrics.render()).body, /holdfast_metrics_folded\{metric="app_total"\} 99990/)
  })

  it('are cut when they are endless, and as many as there are labels', async () => {
    const metrics = createMetrics()
    const counter = metrics.counter({ name: 'app_total', help: 'x', labels: ['who'] })
    counter.add(['x'.repeat(100_000)])
    assert.ok((await metrics.render()).body.length < 1000)
    assert.throws(() => counter.add(['a', 'b']), /has 1 labels, got 2/)
  })
})

describe('readings', () => {
  it('are asked for when somebody scrapes, and used again for a while', async () => {
    let [asked, now] = [0, 0]
    const metrics = createMetrics({ now: () => now })
    metrics.gauge({ name: 'app_rows', help: 'x', every: 1000, read: () => ++asked })
    const value = async () => Number(/^app_rows (\d+)$/m.exec((await metrics.render()).body)?.[1])
    assert.equal(asked, 0)
    assert.deepEqual([await value(), await value()], [1, 1])
    now = 1000
    assert.equal(await value(), 2)
  })

  it('are asked once, however many scrape at once', async () => {
    let asked = 0
    const metrics = createMetrics()
    metrics.gauge({ name: 'app_rows', help: 'x', every: 0, read: () => Promise.resolve(++asked) })
    await Promise.all(Array.from({ length: 20 }, () => metrics.render()))
    assert.equal(asked, 1)
  })

  it('that fail are left out, counted and reported, and the others stay', async () => {
    const faults: unknown[] = []
    const metrics = createMetrics({ onFault: (error) => faults.push(error) })
    metrics.gauge({ name: 'app_bad', help: 'x', read: () => Promise.reject(new Error('no')) })
    metrics.gauge({ name: 'app_good', help: 'x', read: () => [[[], 1]] })
    await metrics.render()
    const { body } = await metrics.render()
    assert.doesNotMatch(body, /app_bad [0-9]/)
    assert.match(body, /^app_good 1$/m)
    assert.match(body, /holdfast_metrics_unread_total\{metric="app_bad"\} 1/)
    assert.equal(faults.length, 1)
  })

  it('keep no more series than their metric may have', async () => {
    const metrics = createMetrics()
    const read = () => Array.from({ length: 5000 }, (_, n) => [[`${n}`], n] as const)
    metrics.gauge({ name: 'app_many', help: 'x', labels: ['n'], most: 7, read })
    assert.equal((await linesOf(metrics)).filter((line) => line.startsWith('app_many{')).length, 7)
  })
})

describe('metrics of events', () => {
  it('begin with the zero without which nobody sees the first of a kind, also of an incident that is severe', async () => {
    const metrics = createMetrics()
    measureEvents(metrics, { on: () => () => {} })
    const lines = await linesOf(metrics)
    for (const [type, level] of [
      ['alert_channel_lost', 'critical'],
      ['sys_audit_broken', 'critical'],
      ['incident_opened', 'warn'],
      ['incident_opened', 'critical'],
    ])
      assert.ok(lines.includes(`holdfast_events_total{type="${type}",level="${level}"} 0`), `${type} ${level}`)
  })
})

describe('names', () => {
  const metrics = createMetrics()
  for (const [naming, why] of [
    [{ name: 'App', help: 'x' }, /has a name such as/],
    [{ name: 'app_jobs', help: 'x' }, /counters end in "_total"/],
    [{ name: 'app_total', help: ' ' }, /says nothing/],
    [{ name: 'app_total', help: 'x', labels: ['le'] }, /cannot be a label/],
    [{ name: 'app_total', help: 'x', labels: ['a', 'a'] }, /twice/],
    [{ name: 'app_total', help: 'x', most: 0 }, /keeps 0/],
    [{ name: 'holdfast_metrics_unread_total', help: 'x' }, /already/],
  ] as const) {
    it(`are refused where a scraper could not use them: ${why.source}`, () => assert.throws(() => metrics.counter(naming), why))
  }

  it('of gauges do not end like counters, and what is read cannot be set', () => {
    assert.throws(() => metrics.gauge({ name: 'app_total', help: 'x' }), /nothing else does/)
    assert.throws(() => metrics.gauge({ name: 'app_read', help: 'x', read: () => 1 }).set(2), /cannot be set/)
    assert.throws(() => metrics.counter({ name: 'app_down_total', help: 'x' }).add([], -1), /goes up only/)
  })

  it('are told with their numbers to who carries them elsewhere, those to come too', async () => {
    const told: string[] = []
    const own = createMetrics()
    own.each(({ name }) => void told.push(name))
    own.gauge({ name: 'app_later', help: 'x' })
    assert.ok(told.includes('app_later'))
    assert.ok(told.includes('holdfast_metrics_folded'))
  })
})
