/** Alerts of several processes on one database: what happened is told once, counted together, and not lost with who was about to tell it. */
import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { sql } from 'kysely'
import { race } from '../../../test/support/race.ts'
import type { Holdfast } from '../../index.ts'
import type { Database } from '../../store/database.ts'
import { fixture, MINUTE, type Fixture, type Open } from '../fixture.contract.ts'
import type { Alert, NewAlert } from './alert.ts'
import { AlertError, defineChannel } from './channel.ts'
import type { AlertsOptions } from './options.ts'

const HOUR = 60 * MINUTE
const STORE: NewAlert = {
  ...{ key: 'event:sys_store_lost', kind: 'event', state: 'open', severity: 'high' },
  ...{ title: 'The store does not answer', text: 'It is gone.' },
}

export function alertsContract(name: string, open: Open, skip: string | false = false): void {
  describe(`alerts of several processes on ${name}`, { skip }, () => {
    let f: Fixture
    let database: Database
    afterEach(() => f.close())

    /** So many processes with one channel, and one that is told of it. */
    async function processes(count: number, more: Partial<AlertsOptions> = {}) {
      const kept: Alert[] = []
      const state: { fails?: AlertError | undefined; slow?: (alert: Alert) => Promise<unknown> | undefined } = {}
      const channel = (own: boolean) =>
        defineChannel({
          kind: 'test',
          open: () => ({
            async send(alert) {
              if (own && state.fails) throw state.fails
              if (own) await state.slow?.(alert)
              if (own) kept.push(alert)
              else others.push(alert)
            },
          }),
        })
      const others: Alert[] = []
      const alerts = { channels: { ops: channel(true), night: channel(false) }, background: false, ...more }
      const opening = async () => (database = await open())
      f = await fixture(opening, { alerts })
      const all = [f.holdfast]
      while (all.length < count) all.push(await f.twin())
      const flush = async (some: readonly Holdfast[] = all) => {
        for (let round = 0; round < 2; round++) {
          await Promise.all(some.map(({ alerts: service }) => service!.flush()))
          f.clock.now += 100
        }
      }
      const said = (list = kept) => list.map(({ state: is, count: times, title }) => `${is} ${times} ${title}`)
      return { all, kept, others, state, flush, said, alerts }
    }

    const raise = (one: Holdfast, given: Partial<NewAlert> = {}) => one.alerts!.raise({ ...STORE, ...given })

    it('tell a matter once, how often all saw it once, and its end once', async () => {
      const { all, flush, said } = await processes(4)
      await race(20, async (n) => raise(all[n % 4]!))
      await flush()
      assert.deepEqual(said(), ['open 1 The store does not answer'])
      f.clock.now += 5 * MINUTE
      await flush()
      assert.equal(said().length, 1, 'the others add what they saw')
      f.clock.now += 5000
      await flush()
      assert.deepEqual(said().slice(1), ['update 19 The store does not answer'])
      await race(8, async (n) => raise(all[n % 4]!, { state: 'resolved', title: 'It answers' }))
      await flush()
      assert.deepEqual(said().slice(2), ['resolved 1 It answers'])
    })

    it('are sent by another when who put them down died', async () => {
      const { all, flush, said } = await processes(2)
      const [dead, alive] = all as [Holdfast, Holdfast]
      raise(dead)
      await dead.stop()
      assert.deepEqual(said(), [])
      raise(alive)
      await flush([alive])
      assert.deepEqual(said(), ['open 1 The store does not answer'])
    })

    it('are claimed with what they say, or not at all', async () => {
      const { all, flush, said, state } = await processes(2)
      const [unlucky, other] = all as [Holdfast, Holdfast]
      await sql`ALTER TABLE hf_outbox RENAME TO gone`.execute(database.kysely)
      state.fails = new AlertError('The way around is closed, too.')
      raise(unlucky)
      await unlucky.alerts!.flush().catch(() => undefined)
      await sql`ALTER TABLE gone RENAME TO hf_outbox`.execute(database.kysely)
      state.fails = undefined
      raise(other)
      await flush([other])
      assert.deepEqual(said(), ['open 1 The store does not answer'])
    })

    it('say how often it came though nobody of that window lives', async () => {
      const { all, flush, said } = await processes(2)
      const [dead, alive] = all as [Holdfast, Holdfast]
      for (let times = 0; times < 3; times++) raise(dead)
      await dead.stop()
      f.clock.now += 10 * MINUTE
      raise(alive)
      await flush([alive])
      assert.deepEqual(said(), [
        'open 1 The store does not answer',
        'update 2 The store does not answer',
        'open 1 The store does not answer',
      ])
    })

    it('tell anew what came again after another process heard that it was over', async () => {
      const { all, flush, said } = await processes(2)
      const [one, other] = all as [Holdfast, Holdfast]
      raise(one)
      raise(other)
      await flush()
      raise(one, { state: 'resolved' })
      await flush()
      f.clock.now += MINUTE
      raise(other)
      f.clock.now += 5 * MINUTE
      await flush()
      assert.deepEqual(
        said().map((text) => text.split(' ')[0]),
        ['open', 'resolved', 'open'],
      )
    })

    it('give a channel so many in ten minutes, whoever sends them', async () => {
      const { all, flush, kept } = await processes(3, { most: 5 })
      await race(30, async (n) => raise(all[n % 3]!, { key: `incident:${n}` }))
      await flush()
      assert.equal(kept.filter(({ kind }) => kind === 'event').length, 5)
      assert.equal(kept.filter(({ title }) => /more alerts/.test(title)).length, 1)
    })

    it('wait for the morning once a matter, however often it came in the night and to whom', async () => {
      const quiet = { between: ['22:00', '06:00'], except: 'critical' } as const
      const routes = [{ channels: ['ops'], quiet }, { channels: ['night'] }]
      const { all, flush, said, others } = await processes(2, { routes })
      for (let hour = 0; hour < 3; hour++) {
        for (const one of all) raise(one)
        await flush()
        f.clock.now += HOUR
        await flush()
      }
      assert.deepEqual([said(), others.filter(({ state }) => state === 'open').length], [[], 3])
      raise(all[1]!, { state: 'resolved' })
      await flush()
      f.clock.now += 4 * HOUR
      await flush()
      assert.deepEqual(said(), ['open 1 The store does not answer', 'resolved 1 The store does not answer'])
    })

    it('say that it began before they say that it is over, though two send what waited', async () => {
      const quiet = { between: ['22:00', '06:00'], except: 'critical' } as const
      const { all, flush, said, state } = await processes(2, { routes: [{ channels: ['ops'], quiet }, { channels: ['night'] }] })
      raise(all[0]!)
      await flush()
      raise(all[1]!, { state: 'resolved', title: 'It answers' })
      await flush()
      assert.deepEqual(said(), [])
      f.clock.now += 7 * HOUR
      const slow = Promise.withResolvers<void>()
      state.slow = (alert) => (alert.state === 'open' ? slow.promise : undefined)
      const flushes = all.map(({ alerts }) => alerts!.flush())
      await Promise.race(flushes)
      assert.deepEqual(said(), [], 'the one that has nothing to send waits for nothing')
      slow.resolve()
      await Promise.all(flushes)
      assert.deepEqual(said(), ['open 1 The store does not answer', 'resolved 1 It answers'])
    })

    it('say of each of many matters that it began before they say that it is over, whoever raises and sends them', async () => {
      const quiet = { between: ['22:00', '06:00'] } as const
      const { all, flush, kept, state } = await processes(3, {
        most: 100,
        routes: [{ channels: ['ops'], quiet }, { channels: ['night'] }],
      })
      const MATTERS = 12
      for (const [shift, is] of (['open', 'resolved', 'open'] as const).entries()) {
        await race(MATTERS, async (n) => raise(all[(n + shift) % 3]!, { key: `incident:${n}`, state: is }))
        await flush()
      }
      f.clock.now += 7 * HOUR
      state.slow = async ({ state: is }) => {
        for (let turns = 0; is === 'open' && turns < 20; turns++) await turn()
      }
      await flush()
      assert.equal(kept.length, 3 * MATTERS)
      for (let n = 0; n < MATTERS; n++) {
        const states = kept.filter(({ key }) => key === `incident:${n}`).map(({ state: is }) => is)
        assert.deepEqual(states, ['open', 'resolved', 'open'], `incident:${n}`)
      }
    })

    it('tell at once what was held, before it is told that it got worse', async () => {
      const quiet = { between: ['22:00', '06:00'], except: 'critical' } as const
      const { all, flush, kept } = await processes(2, { routes: [{ channels: ['ops'], quiet }, { channels: ['night'] }] })
      raise(all[0]!)
      await flush()
      assert.deepEqual(kept, [])
      raise(all[1]!, { severity: 'critical' })
      await flush()
      assert.deepEqual(
        kept.map(({ severity }) => severity),
        ['high', 'critical'],
      )
    })

    it('say once that a channel is dead, of failures that several saw, and once that it is back', async () => {
      const { all, flush, said, state, others } = await processes(3)
      state.fails = new AlertError('The other server answered 503.')
      raise(all[0]!)
      for (const one of all) {
        await flush([one])
        f.clock.now += 11 * MINUTE
      }
      await flush()
      assert.deepEqual(
        said(others).filter((text) => /reach/.test(text)),
        ['open 1 Alerts do not reach ops'],
      )
      const deadAt = await Promise.all(
        all.map(async ({ alerts }) => (await alerts!.status()).find((one) => one.name === 'ops')!.dead),
      )
      assert.deepEqual(deadAt, [true, true, true])
      state.fails = undefined
      f.clock.now += 11 * MINUTE
      await flush([all[2]!])
      await flush()
      assert.deepEqual(
        said(others).filter((text) => /again/.test(text)),
        ['resolved 1 Alerts reach ops again'],
      )
    })

    it('beat once in each period, also when another process begins in the next one', async () => {
      const { all, flush, said } = await processes(3, { heartbeat: { every: '1h', channels: ['ops'] } })
      await flush()
      assert.equal(said().length, 1)
      f.clock.now += HOUR
      all.push(...(await race(3, () => f.twin())))
      await flush()
      assert.deepEqual(said(), ['open 1 Holdfast is watching', 'open 1 Holdfast is watching'])
    })
  })
}
