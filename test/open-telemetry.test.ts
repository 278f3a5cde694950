import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, describe, it } from 'node:test'
import { context, metrics as metricsApi, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace'
import { ADAPTERS, startApp, type TestApp } from './support/app.ts'

const spans = new InMemorySpanExporter()
const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 })
const meters = new MeterProvider({ readers: [reader] })
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
propagation.setGlobalPropagator(new W3CTraceContextPropagator())
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }))
metricsApi.setGlobalMeterProvider(meters)
after(() => meters.shutdown())

/** The spans that ended since the last call, once there are so many: an answer is read before its span ends. */
async function ended(count: number): Promise<ReadableSpan[]> {
  for (let n = 0; n < 200 && spans.getFinishedSpans().length < count; n++) await new Promise((resolve) => setImmediate(resolve))
  const all = spans.getFinishedSpans()
  spans.reset()
  return [...all]
}

const start = async (adapter: (typeof ADAPTERS)[number] = 'node'): Promise<TestApp> => {
  spans.reset()
  return startApp({ adapter })
}

for (const adapter of ADAPTERS) {
  describe(`spans of OpenTelemetry: ${adapter}`, () => {
    it('are one a request, named by its route, with what the conventions ask for', async () => {
      await using app = await start(adapter)
      await app.fetch('/?token=walrus')
      const [span, ...more] = await ended(1)
      assert.deepEqual([span?.name, span?.kind, more.length], ['GET /', SpanKind.SERVER, 0])
      const { 'client.address': client, 'holdfast.request.id': id, ...attributes } = span!.attributes
      assert.deepEqual(attributes, {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'url.scheme': 'http',
        'server.address': 'localhost',
        'http.route': '/',
        'url.path': '/',
      })
      assert.equal(client, '127.0.0.1')
      assert.match(String(id), /^[\w-]{22}$/)
      assert.doesNotMatch(JSON.stringify(span!.attributes), /walrus/)
    })

    it('hold what happened as events, and which control refused', async () => {
      await using app = await start(adapter)
      await app.fetch('/%61dmin')
      await app.fetch('/nothing')
      await app.fetch('/boom')
      const [target, closed, broken] = await ended(3)
      assert.deepEqual(
        target!.events.map(({ name, attributes }) => [name, attributes?.['holdfast.reason']]),
        [['malicious_target', 'encoded-unreserved']],
      )
      assert.deepEqual([target!.attributes['holdfast.refusal.control'], target!.name], ['target', 'GET'])
      assert.deepEqual([closed!.attributes['holdfast.refusal.code'], closed!.name], ['sign-in-required', 'GET'])
      assert.equal(broken!.attributes['error.type'], '500')
      assert.equal(broken!.status.code, SpanStatusCode.ERROR)
      assert.deepEqual(
        broken!.events.map(({ name }) => name),
        ['sys_crash'],
      )
    })

    it('name users and sessions by keyed hashes alone', async () => {
      await using app = await start(adapter)
      const { cookie, userId, login } = await app.signIn('member', 'walrus-of-the-north')
      const other = await app.signIn('member', 'another')
      for (const sent of [cookie, cookie, other.cookie]) await app.fetch('/', { headers: { cookie: sent } })
      const [one, again, another] = (await ended(3)).map(({ attributes }) => [
        attributes['enduser.pseudo.id'],
        attributes['session.id'],
      ])
      assert.match(one!.join(' '), /^[\w-]{22} [\w-]{22}$/)
      assert.deepEqual(one, again)
      assert.notEqual(one![0], another![0])
      assert.notEqual(one![1], another![1])
      const [session] = await app.holdfast.accounts.sessions.list(userId, app.clock.now())
      for (const secret of [userId, login, cookie.split('=')[1]!, session!.id]) assert.ok(!one!.join(' ').includes(secret))
    })
  })
}

describe('spans of OpenTelemetry', () => {
  it('begin a trace of their own, and only link to what a stranger names (a trace of ours cannot be filled from outside)', async () => {
    await using app = await start()
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await app.fetch('/', { headers: { traceparent } })
    const [span] = await ended(1)
    assert.equal(span!.parentSpanContext, undefined)
    assert.notEqual(span!.spanContext().traceId, '0af7651916cd43dd8448eb211c80319c')
    assert.deepEqual(
      span!.links.map(({ context: { traceId } }) => traceId),
      ['0af7651916cd43dd8448eb211c80319c'],
    )
    for (const bad of ['nonsense', '00-0-0-0', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`])
      await app.fetch('/', { headers: { traceparent: bad } })
    for (const { links } of await ended(3)) assert.deepEqual(links, [])
  })

  it('are the parent of what the application does, and the child of what its server began', async () => {
    await using app = await start()
    const own = trace.getTracer('application')
    const { around } = app.holdfast
    const x = app.holdfast.engine.open({ ...quietInbound, header: () => undefined })
    let child: string | undefined
    own.startActiveSpan('server', (server) => {
      around!(x, () => {
        const inner = own.startSpan('query')
        child = inner.spanContext().traceId
        inner.end()
      })
      app.holdfast.answers.tell({ x, status: 200, time: app.clock.now(), complete: true })
      server.end()
    })
    const [query, request, server] = await ended(3)
    assert.deepEqual([query!.name, request!.name, server!.name], ['query', 'GET', 'server'])
    assert.equal(query!.parentSpanContext?.spanId, request!.spanContext().spanId)
    assert.equal(request!.parentSpanContext?.spanId, server!.spanContext().spanId)
    assert.deepEqual([request!.kind, child], [SpanKind.INTERNAL, server!.spanContext().traceId])
  })
})

const quietInbound = {
  ...{ method: 'GET', target: '/', peer: '127.0.0.1', encrypted: false, httpVersion: '1.1', upgrade: false },
  ...{ rawHeaders: [], stream: undefined },
}

describe('metrics of OpenTelemetry', () => {
  it('are those of the conventions for requests, and our own for the rest', async () => {
    measured.reset()
    await using app = await startApp({ options: { observe: { metrics: false } } })
    await app.fetch('/')
    await app.fetch('/%61dmin')
    await meters.forceFlush()
    const all = measured.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    const pointsOf = (name: string) => all.findLast(({ descriptor }) => descriptor.name === name)?.dataPoints ?? []
    const durations = pointsOf('http.server.request.duration')
    assert.deepEqual(
      durations.find(({ attributes }) => attributes['http.route'] === '/' && attributes['http.response.status_code'] === 200)
        ?.attributes,
      { 'http.request.method': 'GET', 'http.response.status_code': 200, 'url.scheme': 'http', 'http.route': '/' },
    )
    assert.ok(
      pointsOf('holdfast.events').some(({ attributes, value }) => attributes['type'] === 'malicious_target' && value === 1),
    )
    assert.ok(pointsOf('holdfast.refusals').some(({ attributes }) => attributes['control'] === 'target'))
    assert.equal(pointsOf('holdfast.sessions_active')[0]?.value, 0)
    assert.equal(
      all.find(({ descriptor }) => descriptor.name.startsWith('process')),
      undefined,
    )
  })
})

describe('without a kit of OpenTelemetry', () => {
  const run = (text: string) =>
    spawnSync(
      process.execPath,
      ['--conditions=holdfast-source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', text],
      {
        cwd: import.meta.dirname,
        encoding: 'utf8',
      },
    )
  const options = `{ origin: 'https://app.example', mode: 'test', log: 'silent', database: ':memory:', data: (await import('node:fs')).mkdtempSync('/tmp/holdfast-otel-') }`

  it('nothing of it is loaded, and no request is followed', () => {
    const { stdout, stderr } = run(`
      const { createHoldfast } = await import('../src/index.ts')
      const holdfast = await createHoldfast(${options})
      console.log(holdfast.around, globalThis[Symbol.for('opentelemetry.js.api.1')])
      await holdfast.stop()`)
    assert.equal(stdout.trim(), 'undefined undefined', stderr)
  })

  it('asking for it does not start', () => {
    const { stdout } = run(`
      const { createHoldfast } = await import('../src/index.ts')
      await createHoldfast({ ...${options}, openTelemetry: true }).catch((error) => console.log(error.message))`)
    assert.match(stdout, /^HF_OPTION_INVALID: openTelemetry is true, and no kit of OpenTelemetry is registered\./)
  })
})
