/**
 * Canaries where attacks are written down: secrets go into attacks on an application that has every sink turned on, and each sink is
 * searched: the audit segments and exports, evidence, reports, traces, alerts on every channel, metrics, spans, the log file. A word that
 * is let in on purpose is found in each, so that no search looks at nothing. Source: as canary.test.ts; CWE-532.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { trace as traceApi, metrics as metricsApi } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { EXPORT_FORMATS } from '../src/cli/audit/export.ts'
import { generateKey } from '../src/crypto/keyring.ts'
import { Secret } from '../src/index.ts'
import { file, mail, pagerDuty, slack, webhook } from '../src/observe/alerts/index.ts'
import { describeTrace } from '../src/observe/incidents/trace.ts'
import { alertServer, type AlertServer } from './support/alert-server.ts'
import { startApp, type TestApp } from './support/app.ts'
import { FORM } from './support/browser.ts'
import { filesIn, leaks, newSecret, type Canary, type Sink } from './support/canaries.ts'
import { holdfastCommand } from './support/command.ts'
import { capturingTransport } from './support/mail.ts'
import { ATTACKER, BEHIND_A_PROXY } from './support/responding.ts'

const BY = { kind: 'system', id: 'operator' } as const
const spans = new InMemorySpanExporter()
const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 })
const meters = new MeterProvider({ readers: [reader] })
traceApi.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }))
metricsApi.setGlobalMeterProvider(meters)

/** No secrets: let in where anybody may write, and found in every sink that shows such words. */
const PATH = newSecret()
const WHY = newSecret()
const LABEL = newSecret()

/** Every kind of place that is searched, and which of these words stands there. */
const PLACES: readonly (readonly [place: string, name: RegExp, word: string])[] = [
  ['the log file', /^file log\.jsonl$/, PATH],
  ['the database', /^file holdfast\.sqlite/, PATH],
  ['the audit segments', /^file \S+-security-\d+\.jsonl$/, PATH],
  ...EXPORT_FORMATS.map((format) => [`the export as ${format}`, new RegExp(`^export ${format}$`), PATH] as const),
  ['the evidence', /^evidence$/, WHY],
  ['the events of the evidence', /^evidence$/, PATH],
  ['evidence in the data folder', /^snapshot of evidence$/, WHY],
  ['the report', /^report$/, WHY],
  ['the trace', /^trace$/, PATH],
  ['the incident at the command', /^incident show$/, WHY],
  ...['webhook', 'slack', 'pagerduty', 'mail'].map((one) => [`alerts by ${one}`, new RegExp(`^alert by ${one}$`), WHY] as const),
  ['alerts in a file', /^file alerts\.jsonl$/, WHY],
  ['metrics', /^metrics$/, LABEL],
  ['spans', /^spans$/, PATH],
  ['metrics of OpenTelemetry', /^OpenTelemetry metrics$/, LABEL],
]

describe('a secret in an attack', { timeout: 60_000 }, () => {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-canary-'))
  const canaries: Canary[] = []
  let sinks: readonly Sink[] = []

  before(async () => {
    await using server = await alertServer()
    const transport = capturingTransport()
    const app = await startApp({ options: options(server, transport) })
    try {
      const id = await attack(app)
      sinks = [...(await told(app, id)), ...(await alerted(app, server, transport.sent))]
    } finally {
      await app[Symbol.asyncDispose]()
    }
    sinks = [...sinks, ...(await commanded()), ...filesIn(data).filter(({ name }) => name !== 'file keys'), ...snapshots()]
  })
  after(async () => {
    await meters.shutdown()
    rmSync(data, { recursive: true, force: true })
  })

  it('is planted in many inputs, and a word that is let in is found in every sink', () => {
    assert.ok(canaries.length > 20, `${canaries.length} canaries`)
    for (const [place, name, word] of PLACES) {
      const own = sinks.filter((sink) => name.test(sink.name))
      assert.ok(own.length > 0, `${place}: there is nothing to search`)
      const found = leaks([{ name: 'word', value: word, belongs: [] }], own)
      assert.ok(found.length > 0, `${place} is not searched`)
    }
  })

  it('comes out nowhere but where it belongs', () => assert.deepEqual(leaks(canaries, sinks), []))

  function watch(name: string, value: string, ...belongs: RegExp[]): string {
    assert.ok(value.length >= 12, name)
    canaries.push({ name, value, belongs })
    return value
  }
  const plant = (name: string, ...belongs: RegExp[]) => watch(name, newSecret(), ...belongs)

  function options(server: AlertServer, transport: ReturnType<typeof capturingTransport>) {
    const key = randomBytes(32).toString('base64url')
    const url = (name: string, secret: string) => `${server.url.replace('/hook', `/${name}`)}/${secret}`
    const routingKey = watch('routing key of PagerDuty', randomBytes(16).toString('hex'), /^alert by pagerduty$/)
    const secret = watch('secret of the webhook', randomBytes(24).toString('base64'))
    return {
      ...BEHIND_A_PROXY,
      data,
      database: join(data, 'holdfast.sqlite'),
      log: join(data, 'log.jsonl'),
      keys: new Secret(`canary:${watch('key of the ring', key)}`),
      audit: { folder: join(data, 'segments') },
      apiKeys: { accept: 'everywhere' as const },
      honeytokens: { routes: ['/.env'], rows: ['helga.decoy@example.org'] },
      mail: { from: 'Test <noreply@app.example>', transport, background: false },
      observe: { metrics: { token: watch('token of the metrics', newSecret() + newSecret()) } },
      alerts: {
        background: false,
        channels: {
          hook: webhook({ url: url('webhook', plant('address of the webhook')), secret: `whsec_${secret}`, ...server.reach }),
          slack: slack({ url: url('slack', plant('address at Slack')), ...server.reach }),
          duty: pagerDuty({ url: url('pagerduty', 'enqueue'), routingKey, ...server.reach }),
          post: mail({ to: 'security@app.example' }),
          file: file({ path: join(data, 'alerts.jsonl') }),
        },
      },
    }
  }

  /** Everything that an attacker can write somewhere, and what legitimate people carried; returns the id of the incident. */
  async function attack(app: TestApp): Promise<string> {
    const send = (path: string, headers: Record<string, string> = {}, body?: string) =>
      app.fetch(path, {
        ...(body !== undefined && { method: 'POST', body }),
        headers: { 'x-forwarded-for': ATTACKER, 'x-forwarded-proto': 'http', origin: app.origin, ...headers },
      })
    const { cookie, userId } = await app.signIn('member', 'ada')
    watch('token of a session', cookie.split('=')[1]!)
    const made = await app.holdfast.accounts.apiKeys.create({ userId, name: 'ci', scopes: [] }, BY)
    assert.ok(made.ok)
    const key = watch('API key', made.text.reveal().slice('hf_key_'.length + 12))
    const whole = made.text.reveal()
    assert.ok(whole.endsWith(key))
    await send('/me', { cookie })
    await send('/admin', { authorization: `Bearer ${whole}` })
    await app.holdfast.accounts.apiKeys.revoke(userId, made.key.id, BY)
    await send('/me', { authorization: `Bearer ${whole}` })
    for (let n = 0; n < 12; n++) await send('/login', { 'content-type': FORM }, `login=ada&password=${plant(`guess ${n}`)}`)
    await send('/login', { 'content-type': FORM }, `login=${plant('password typed as the name')}&password=x`)
    await send('/login', { 'content-type': 'application/json' }, `{"login":"ada","password":"${plant('guess as JSON')}"}`)
    for (const path of ['/.env', '/admin', `/${PATH}`, '/boom', '/..%2f..%2fetc/passwd']) {
      await send(`${path}?token=${plant(`address of ${path}`)}`, {
        cookie: `hf_sid_localhost=${plant(`forged session at ${path}`)}; other=${plant(`cookie at ${path}`)}`,
        authorization: `Bearer ${plant(`bearer token at ${path}`)}`,
        referer: `https://elsewhere.example/?token=${plant(`referrer at ${path}`)}`,
        'x-csrf-token': plant(`form token at ${path}`),
      })
    }
    await send(`/?mail=helga.decoy@example.org&next=${plant('address beside a decoy')}`)
    const body = `q=${encodeURIComponent("1' UNION SELECT password FROM users--")}&password=${plant('password beside a probe')}`
    await send('/search', { 'content-type': FORM }, body)
    const label = app.holdfast.metrics.counter({ name: 'app_canary_total', help: 'Lets a word in.', labels: ['word'] })
    label.add([LABEL])
    metricsApi.getMeter('application').createCounter('app_canary').add(1, { word: LABEL })
    // The second is an incident of its own, which the alerts begin with.
    for (const [nth, client] of [ATTACKER, '203.0.113.77'].entries())
      app.holdfast.incidents.take({
        ...{ id: `c${nth}`, detection: 'brute-force-address', severity: 'critical', time: app.clock.now(), dryRun: false },
        ...{ actors: [{ kind: 'client', value: client }], targets: [], targetCount: 0, why: WHY, automatic: [], offered: [] },
      })
    await app.holdfast.detections.settled()
    await app.holdfast.incidents.settled()
    const [incident] = await app.holdfast.incidents.list({ subject: { kind: 'client', value: ATTACKER } })
    const kept = { response: 'snapshot-evidence', by: BY, reason: 'Before it is answered.', incident: incident!.id }
    assert.ok((await app.holdfast.responses.apply(kept)).ok)
    return incident!.id
  }

  /** What the application hands out about it. */
  async function told(app: TestApp, id: string): Promise<Sink[]> {
    const { investigation } = app.holdfast
    const envelope = await investigation.evidence(id, BY)
    const trace = await investigation.trace({ kind: 'client', value: ATTACKER }, { from: 0, to: app.clock.now() + 1 })
    const token = canaries.find(({ name }) => name === 'token of the metrics')!.value
    const metrics = await app.fetch('/metrics', { headers: { authorization: `Bearer ${token}` } })
    await reader.forceFlush()
    const ended = spans.getFinishedSpans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status }))
    const texts = {
      evidence: Buffer.from(envelope!.payload, 'base64').toString(),
      report: (await investigation.report(id, BY))!,
      trace: `${describeTrace(trace)}\n${JSON.stringify(trace)}`,
      metrics: metrics.text,
      spans: JSON.stringify(ended),
      'OpenTelemetry metrics': JSON.stringify(measured.getMetrics().map(({ scopeMetrics }) => scopeMetrics)),
    }
    return Object.entries(texts).map(([name, text]) => ({ name, bytes: Buffer.from(text) }))
  }

  async function alerted(app: TestApp, { taken }: AlertServer, letters: readonly { text: string; subject: string }[]) {
    for (let round = 0; round < 3; round++) {
      await app.holdfast.alerts!.flush()
      app.clock.advance(400_000)
    }
    const posted = taken.map(({ path, headers, body }) => ({
      name: `alert by ${path.split('/')[1]}`,
      bytes: Buffer.from(`${JSON.stringify(headers)}\n${body}`),
    }))
    const mails = letters.map(({ subject, text }) => ({ name: 'alert by mail', bytes: Buffer.from(`${subject}\n${text}`) }))
    return [...posted, ...mails]
  }

  /** What the command hands out, after the application stopped. */
  async function commanded(): Promise<Sink[]> {
    const key = canaries.find(({ name }) => name === 'key of the ring')!.value
    const environment = { HOLDFAST_DATA: data, HOLDFAST_KEYS: `canary:${key}`, HOLDFAST_LOG: join(data, 'command.jsonl') }
    const holdfast = (...words: string[]) => holdfastCommand(words, { environment, password: generateKey() })
    const found: Sink[] = []
    for (const format of EXPORT_FORMATS) {
      const output = join(data, `export.${format}`)
      const { code, error } = await holdfast('audit', 'export', '--format', format, '--output', output)
      assert.equal(code, 0, error)
      found.push({ name: `export ${format}`, bytes: readFileSync(output) })
    }
    const { json } = await holdfast('incident', 'list', '--json')
    const { incidents }: { readonly incidents: readonly { readonly id: string }[] } = json
    const shown = await holdfast('incident', 'show', incidents[0]!.id)
    assert.equal(shown.code, 0, shown.error)
    return [...found, { name: 'incident show', bytes: Buffer.from(shown.out) }]
  }

  /** The files of evidence in the data folder, as they read when they are opened. */
  function snapshots(): Sink[] {
    return filesIn(join(data, 'evidence')).map(({ bytes }) => {
      const { payload } = JSON.parse(bytes.toString()) as { readonly payload: string }
      return { name: 'snapshot of evidence', bytes: Buffer.from(payload, 'base64') }
    })
  }
})
