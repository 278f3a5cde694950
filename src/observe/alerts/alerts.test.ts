import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { createHoldfast, type Holdfast, type SecurityEvent } from '../../index.ts'
import { fakeClock } from '../../testing/clock.ts'
import type { Alert, NewAlert } from './alert.ts'
import type { AlertsService } from './alerts.ts'
import { AlertError, defineChannel } from './channel.ts'
import type { AlertsOptions } from './options.ts'

const NOON = Date.parse('2027-03-01T12:00:00Z')
const root = mkdtempSync(join(tmpdir(), 'holdfast-alerts-'))
let folders = 0
after(() => rmSync(root, { recursive: true, force: true }))

const STORE: NewAlert = {
  ...{ key: 'event:sys_store_lost', kind: 'event', state: 'open', severity: 'high' },
  title: 'The store does not answer',
  text: 'It is gone.',
}

/** A channel that keeps what it gets, and fails while it is told to. */
function keeping() {
  const kept: Alert[] = []
  const state: { fails: AlertError | undefined } = { fails: undefined }
  const definition = defineChannel({
    kind: 'test',
    open: () => ({
      async send(alert) {
        if (state.fails) throw state.fails
        kept.push(alert)
      },
    }),
  })
  return { kept, state, definition }
}

interface Running {
  readonly holdfast: Holdfast
  readonly alerts: AlertsService
  readonly ops: ReturnType<typeof keeping>
  readonly night: ReturnType<typeof keeping>
  readonly clock: ReturnType<typeof fakeClock>
  readonly events: SecurityEvent[]
}

async function running(work: (f: Running) => Promise<void>, options: Partial<AlertsOptions> = {}): Promise<void> {
  const [ops, night, clock] = [keeping(), keeping(), fakeClock(NOON)]
  const events: SecurityEvent[] = []
  const holdfast = await createHoldfast({
    ...{ origin: 'https://app.example', mode: 'test', data: join(root, String(folders++)), now: clock.now },
    log: (event) => void events.push(event),
    onFault: () => {},
    alerts: { channels: { ops: ops.definition, night: night.definition }, background: false, ...options },
  })
  try {
    const alerts: AlertsService = {
      ...holdfast.alerts!,
      // Alerts of one moment leave in milliseconds of their own.
      async flush() {
        for (let round = 0; round < 2; round++) {
          await holdfast.alerts!.flush()
          clock.advance('100ms')
        }
      },
    }
    await work({ holdfast, alerts, ops, night, clock, events })
  } finally {
    await holdfast.stop()
  }
}

const said = ({ kept }: { readonly kept: readonly Alert[] }) =>
  kept.map(({ state, count, title }) => `${state} ${count} ${title}`)

describe('alerts', () => {
  it('tell a matter once, then how often it came, then that it is over', async () => {
    await running(async ({ alerts, ops, clock }) => {
      for (let times = 0; times < 20; times++) alerts.raise(STORE)
      await alerts.flush()
      assert.deepEqual(said(ops), ['open 1 The store does not answer'])
      clock.advance('305s')
      await alerts.flush()
      assert.deepEqual(said(ops).slice(1), ['update 19 The store does not answer'])
      alerts.raise({ ...STORE, state: 'resolved', title: 'It answers again' })
      alerts.raise({ ...STORE, state: 'resolved', title: 'It answers again' })
      await alerts.flush()
      assert.deepEqual(said(ops).slice(2), ['resolved 1 It answers again'])
      alerts.raise(STORE)
      await alerts.flush()
      assert.equal(ops.kept.length, 4)
    })
  })

  it('say nothing of an end whose beginning nobody heard of', async () => {
    await running(async ({ alerts, ops }) => {
      alerts.raise({ ...STORE, state: 'resolved' })
      await alerts.flush()
      assert.deepEqual(ops.kept, [])
    })
  })

  it('say at once what became worse', async () => {
    await running(async ({ alerts, ops }) => {
      for (const severity of ['medium', 'medium', 'critical'] as const) alerts.raise({ ...STORE, severity })
      await alerts.flush()
      assert.deepEqual(
        ops.kept.map(({ severity }) => severity),
        ['medium', 'critical'],
      )
    })
  })

  it('come of events that nobody may miss, and of no others', async () => {
    await running(async ({ holdfast, alerts, ops }) => {
      holdfast.emit({ type: 'sys_store_lost', data: { store: 'redis' } })
      holdfast.emit({ type: 'authn_login_fail', data: { login: 'x' } })
      holdfast.emit({ type: 'authn_token_reuse', data: { key: 'k' } })
      holdfast.emit({ type: 'authn_token_reuse', level: 'critical', data: { app: 'a' } })
      holdfast.emit({ type: 'sys_store_back' })
      await alerts.flush()
      assert.deepEqual(
        ops.kept.map(({ key, state, facts }) => [key, state, facts['store'] ?? facts['app']]),
        [
          ['event:sys_store_lost', 'open', 'redis'],
          ['event:authn_token_reuse', 'open', 'a'],
          ['event:sys_store_lost', 'resolved', undefined],
        ],
      )
    })
  })

  it('are not lost when a channel is down: it is tried again, said in the others, and said again when it is back', async () => {
    await running(async ({ alerts, ops, night, clock, events }) => {
      ops.state.fails = new AlertError('The other server answered 503.')
      alerts.raise(STORE)
      for (let tries = 0; tries < 4; tries++) {
        await alerts.flush()
        clock.advance('11m')
      }
      assert.deepEqual(ops.kept, [])
      assert.deepEqual(said(night), ['open 1 The store does not answer', 'open 1 Alerts do not reach ops'])
      assert.match(night.kept[1]!.text, /answered 503/)
      assert.equal((await alerts.status()).find(({ name }) => name === 'ops')?.dead, true)
      ops.state.fails = undefined
      await alerts.flush()
      assert.deepEqual(said(ops), ['open 1 The store does not answer'])
      assert.equal(said(night).at(-1), 'resolved 1 Alerts reach ops again')
      const told = events.filter(({ type }) => type.startsWith('alert_channel')).map(({ type }) => type)
      assert.deepEqual(told, ['alert_channel_lost', 'alert_channel_back'])
    })
  })

  it('give up what a channel refuses for good, and call it dead at once', async () => {
    await running(async ({ alerts, ops, night, events }) => {
      ops.state.fails = new AlertError('The other server answered 410.', { permanent: true })
      alerts.raise(STORE)
      await alerts.flush()
      assert.equal(said(night).at(-1), 'open 1 Alerts do not reach ops')
      assert.deepEqual(events.filter(({ type, level }) => type === 'alert_failed' && level === 'critical').length, 1)
      const ops1 = (await alerts.status()).find(({ name }) => name === 'ops')!
      assert.deepEqual([ops1.waiting, ops1.failed], [0, 1])
    })
  })

  it('are no means of burying one in noise: a channel gets so many, and one that says there are more', async () => {
    await running(
      async ({ alerts, ops, events, clock }) => {
        for (let number = 0; number < 40; number++) alerts.raise({ ...STORE, key: `incident:${number}` })
        await alerts.flush()
        assert.equal(ops.kept.length, 6)
        assert.match(ops.kept.map(({ title }) => title).join(), /more alerts than this channel takes/)
        assert.equal(events.filter(({ type, data }) => type === 'alert_held' && data?.['channel'] === 'ops').length, 35)
        clock.advance('10m')
        alerts.raise({ ...STORE, key: 'incident:later' })
        await alerts.flush()
        assert.ok(ops.kept.some(({ key }) => key === 'incident:later'))
      },
      { most: 5 },
    )
  })

  it('still leave when the database is what was lost', async () => {
    const kept = keeping()
    const { openDatabase } = await import('../../store/index.ts')
    const database = await openDatabase(join(root, 'lost.sqlite'))
    const holdfast = await createHoldfast({
      ...{ origin: 'https://app.example', mode: 'test', data: join(root, 'lost'), database, log: 'silent', onFault: () => {} },
      alerts: { channels: { ops: kept.definition }, background: false },
    })
    await database.close()
    holdfast.alerts!.raise(STORE)
    // The service cannot look into an outbox that is gone; what it sends directly it has sent by then.
    await holdfast.alerts!.flush().catch(() => undefined)
    assert.deepEqual(said(kept), ['open 1 The store does not answer'])
    await holdfast.stop().catch(() => undefined)
  })

  it('beat regularly, once for all processes, so that silence is noticed', async () => {
    await running(
      async ({ alerts, ops, night, clock }) => {
        const second = await createHoldfast({
          ...{ origin: 'https://app.example', mode: 'test', data: join(root, String(folders - 1)), log: 'silent' },
          now: clock.now,
          alerts: {
            ...{ channels: { ops: ops.definition, night: night.definition }, background: false },
            heartbeat: { every: '1h', channels: ['ops'] },
          },
        })
        await alerts.flush()
        await second.alerts!.flush()
        await second.stop()
        assert.deepEqual(said(ops), ['open 1 Holdfast is watching'])
        assert.deepEqual(night.kept, [])
      },
      { heartbeat: { every: '1h', channels: ['ops'] } },
    )
  })

  it('are tried by hand, one channel at a time, with what came of it', async () => {
    await running(async ({ alerts, ops, night }) => {
      assert.deepEqual(await alerts.test('ops'), { ok: true })
      assert.deepEqual([ops.kept[0]?.kind, night.kept.length], ['test', 0])
      ops.state.fails = new AlertError('The other server answered 404.')
      assert.deepEqual(await alerts.test('ops'), { ok: false, reason: 'The other server answered 404.' })
      await assert.rejects(alerts.test('nowhere'), RangeError)
    })
  })

  it('carry no line break, control character or endless text of strangers', async () => {
    await running(async ({ alerts, ops }) => {
      const hostile = `a\r\nBcc: b\u001b[2J\u202e${'x'.repeat(5000)}`
      alerts.raise({ ...STORE, title: hostile, text: hostile, facts: { path: hostile } })
      await alerts.flush()
      const [alert] = ops.kept
      for (const text of [alert!.title, alert!.text, alert!.facts['path']!]) {
        assert.doesNotMatch(text, /[\p{Cc}\p{Cf}]/u)
        assert.ok(text.length <= 1000)
      }
    })
  })
})
