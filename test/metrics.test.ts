import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ADAPTERS, startApp, type TestApp } from './support/app.ts'
import { openDatabase } from '../src/store/index.ts'
import { promtool, startPrometheus } from './support/prometheus.ts'
import { prometheusPath } from './support/services.ts'

const root = join(import.meta.dirname, '..')
const TOKEN = 'f3b1c8d97a604e2fb5d0c6a1e8927f43'
const service = await prometheusPath()
const skip = 'skip' in service && service.skip

const scrape = async (app: TestApp) => (await app.fetch('/metrics')).text
const valuesOf = (text: string, name: string) =>
  Object.fromEntries(
    [...text.matchAll(new RegExp(`^${name}(\\{.*\\})? (.*)$`, 'gm'))].map(([, labels, value]) => [labels ?? '', Number(value)]),
  )

/** A little of everything, so that most series exist. */
async function useIt(app: TestApp): Promise<void> {
  const { cookie } = await app.signIn('member')
  for (const path of ['/', '/nothing', '/%61dmin', '/boom']) await app.fetch(path)
  await app.fetch('/api/me', { headers: { cookie } })
  await app.fetch('/admin', { headers: { cookie } })
  await app.fetch('/', { method: 'BREW' })
  const body = JSON.stringify({ login: 'nobody', password: 'wrong' })
  await app.fetch('/login', { method: 'POST', headers: { origin: app.origin, 'content-type': 'application/json' }, body })
}

for (const adapter of ADAPTERS) {
  describe(`metrics: ${adapter}`, () => {
    it('count requests by what the application names, and nothing by what the client does', async () => {
      await using app = await startApp({ adapter })
      for (let n = 0; n < 20; n++) {
        await app.fetch(`/nothing/${n}`)
        await app.fetch('/', { method: `X${n}` })
      }
      await useIt(app)
      const text = await scrape(app)
      const requests = valuesOf(text, 'holdfast_requests_total')
      assert.equal(requests['{method="GET",status="2xx",route="/"}'], 1)
      assert.ok((requests['{method="GET",status="4xx",route="other"}'] ?? 0) >= 20)
      assert.doesNotMatch(text, /nothing|"X\d|BREW|admin%|%61/)
      // Plain node has no router: there only the paths of the central table have a name.
      const named = requests['{method="GET",status="4xx",route="/admin"}']
      assert.equal(named, adapter === 'node' ? undefined : 1, JSON.stringify(requests))
    })

    it('say which control refused and with which public code, and how long all took', async () => {
      await using app = await startApp({ adapter })
      await useIt(app)
      const text = await scrape(app)
      const refusals = valuesOf(text, 'holdfast_refusals_total')
      assert.equal(refusals['{control="authenticate",code="sign-in-required"}'], 1)
      assert.equal(refusals['{control="target",code="bad-target"}'], 1)
      assert.equal(refusals['{control="signIn",code="sign-in-failed"}'], 1)
      assert.equal(refusals['{control="route",code="not-permitted"}'], 1)
      assert.equal(refusals['{control="route",code="internal-error"}'], 1)
      assert.deepEqual(valuesOf(text, 'holdfast_sign_ins_total'), {
        '{door="password",outcome="success"}': 1,
        '{door="password",outcome="fail"}': 1,
      })
      assert.equal(valuesOf(text, 'holdfast_request_duration_seconds_count')['{route="/"}'], 1)
      assert.ok(valuesOf(text, 'holdfast_request_duration_seconds_sum')['{route="/"}']! > 0)
      assert.equal(valuesOf(text, 'holdfast_requests_in_flight')[''], 1)
      assert.equal(valuesOf(text, 'holdfast_sessions_active')[''], 1)
    })
  })
}

describe('metrics', () => {
  it('never name a user, a session or an address', async () => {
    await using app = await startApp()
    const { userId, login, cookie } = await app.signIn('member', 'walrus-of-the-north')
    await app.fetch('/api/me', { headers: { cookie } })
    const text = await scrape(app)
    for (const secret of [userId, login, cookie.split('=')[1]!, '127.0.0.1']) assert.ok(!text.includes(secret), secret)
  })

  it('are not there where nobody may read them', async () => {
    await using app = await startApp({ options: { observe: { metrics: false } } })
    assert.equal((await app.fetch('/metrics')).status, 401)
  })

  it('take in what the application measures', async () => {
    await using app = await startApp()
    app.holdfast.metrics.counter({ name: 'app_orders_total', help: 'Orders.', labels: ['kind'] }).add(['book'])
    assert.match(await scrape(app), /^app_orders_total\{kind="book"\} 1$/m)
  })

  it('show what is lost, waits and fails', async () => {
    await using app = await startApp()
    app.holdfast.emit({ type: 'sys_store_lost' })
    app.holdfast.emit({ type: 'excess_rate_limit_exceeded', data: { limit: 'client', times: 7 } })
    const text = await scrape(app)
    assert.equal(valuesOf(text, 'holdfast_store_up')['{store="limits"}'], 0)
    assert.equal(valuesOf(text, 'holdfast_limits_exceeded_total')['{limit="client"}'], 7)
  })
})

describe('readiness', () => {
  it('is over when the database is gone, says so once, and comes back', async () => {
    const database = await openDatabase(':memory:')
    let gone = false
    const ping = () => (gone ? Promise.reject(new Error('the disk is gone')) : database.ping())
    await using app = await startApp({
      options: { database: { ...database, kysely: database.kysely, dialect: database.dialect, ping } },
    })
    const details = async () => {
      app.clock.advance(2000)
      const { status, text } = await app.fetch('/readyz?details')
      return [status, JSON.parse(text)] as const
    }
    const checks = { database: 'ok', migrations: 'ok', limits: 'ok' }
    assert.deepEqual(await details(), [200, { ready: true, draining: false, checks }])
    gone = true
    assert.deepEqual(await details(), [503, { ready: false, draining: false, checks: { ...checks, database: 'failed' } }])
    await details()
    const plain = await app.fetch('/readyz')
    assert.deepEqual([plain.status, plain.text], [503, 'unavailable\n'])
    gone = false
    assert.equal((await details())[0], 200)
    const told = app.events.filter(({ type }) => type === 'sys_unready' || type === 'sys_ready')
    assert.deepEqual(
      told.map(({ type, data }) => [type, data]),
      [
        ['sys_unready', { failed: ['database'] }],
        ['sys_ready', undefined],
      ],
    )
    assert.equal(app.faults.length, 1)
  })

  it('ends when the process says that it will stop, while it still lives', async () => {
    await using app = await startApp()
    app.holdfast.readiness.drain()
    const answers = await Promise.all(['/readyz', '/healthz', '/'].map((path) => app.fetch(path)))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [503, 200, 200],
    )
    assert.equal(answers[0]!.text, 'unavailable\n')
  })
})

describe('Prometheus', { skip }, () => {
  it('finds nothing wrong with the text', async () => {
    await using app = await startApp()
    await useIt(app)
    const { ok, said } = await promtool(['check', 'metrics'], await scrape(app))
    assert.ok(ok && said === '', said)
    assert.equal((await promtool(['check', 'metrics'], '# TYPE a counter\na{ 1\n')).ok, false)
  })

  it('scrapes it over TLS with a token as OpenMetrics, by address, and the rules work on what it got', async () => {
    await using app = await startApp({ tls: true, options: { observe: { metrics: { token: TOKEN, loopback: false } } } })
    await useIt(app)
    const rules = join(root, 'ops/prometheus/rules.yml')
    const job = (name: string, token: string) => `  - job_name: ${name}
    scheme: https
    tls_config: { insecure_skip_verify: true }
    authorization: { credentials: ${token} }
    static_configs: [{ targets: ['127.0.0.1:${app.port}'] }]`
    const prometheus = await startPrometheus(`${job('holdfast', TOKEN)}\n${job('guessing', TOKEN.replace('f', '0'))}`, [rules])
    try {
      assert.equal(await prometheus.value('up{job="holdfast"}', (up) => up === 1), 1)
      assert.equal(await prometheus.value('up{job="guessing"}', () => true), 0)
      assert.equal(await prometheus.value('holdfast_requests_total{route="/",status="2xx"}', () => true), 1)
      assert.ok((await prometheus.value('holdfast_scrapes_total{outcome="wrong-token"}', (count) => count > 0)) > 0)
      // Only OpenMetrics has units, so this was the format that was read.
      assert.ok((await prometheus.value('scrape_samples_scraped{job="holdfast"}', (count) => count > 100)) > 100)
    } finally {
      await prometheus.stop()
    }
  })

  it('finds nothing wrong with the rules, and each alert fires when it should and not before', async () => {
    const rules = join(root, 'ops/prometheus/rules.yml')
    const checked = await promtool(['check', 'rules', rules])
    assert.ok(checked.ok, checked.said)
    const tried = await promtool(['test', 'rules', join(root, 'ops/prometheus/rules-tested.yml')])
    assert.ok(tried.ok, tried.said)
  })

  it('would see an alert that does not fire', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-rules-'))
    after(() => rmSync(folder, { recursive: true, force: true }))
    const [rules, tests] = ['rules.yml', 'rules-tested.yml'].map((name) =>
      readFileSync(join(root, 'ops/prometheus', name), 'utf8'),
    )
    writeFileSync(join(folder, 'rules-tested.yml'), tests!)
    const alerts = [...rules!.matchAll(/^ {6}- alert: (\w+)$/gm)].map(([, name]) => name!)
    assert.ok(alerts.length > 15)
    for (const name of alerts) {
      writeFileSync(join(folder, 'rules.yml'), rules!.replace(`alert: ${name}\n`, `alert: ${name}Gone\n`))
      assert.equal((await promtool(['test', 'rules', join(folder, 'rules-tested.yml')])).ok, false, name)
    }
  })
})

describe('rules and dashboard', () => {
  it('name metrics that exist, with labels that they have', async () => {
    await using app = await startApp()
    const labels = new Map<string, readonly string[]>()
    app.holdfast.metrics.each((metric) => void labels.set(metric.name, metric.labels))
    const files = ['ops/prometheus/rules.yml', 'ops/grafana/dashboard.json'].map((file) => readFileSync(join(root, file), 'utf8'))
    for (const text of files) {
      const named = [...text.replaceAll('\\"', '"').matchAll(/\b((?:holdfast|process|nodejs)_[a-z0-9_]+)(?:\{([^}]*)\})?/g)]
      assert.ok(named.length > 15)
      for (const [, name, selector = ''] of named) {
        const known = labels.get(name!) ?? labels.get(name!.replace(/_(?:bucket|sum|count)$/, ''))
        assert.ok(known, name)
        for (const [, label] of selector.matchAll(/(\w+)[!=]=?~?"/g))
          assert.ok([...known, 'job', 'instance', 'le'].includes(label!), `${name} has no label ${label}`)
      }
    }
  })

  it('are valid JSON, with panels that do not lie on each other', () => {
    const { panels } = JSON.parse(readFileSync(join(root, 'ops/grafana/dashboard.json'), 'utf8')) as {
      panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[]
    }
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    )
    assert.equal(new Set(cells).size, cells.length)
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  })
})
