/** What the outbox must do on every database, with one process and with several. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { race } from '../../test/support/race.ts'
import { generateKey, parseKeyring } from '../crypto/keyring.ts'
import { randomToken } from '../crypto/random.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { createOutbox, outboxMigrations } from './outbox.ts'
import { outboxLevels, outboxRows, type OutboxRow } from './outbox-rows.ts'
import { afterEachAdd, RETRYING, startOutboxWorker, type OutboxWorker, type OutboxWorkerSetting } from './outbox-worker.ts'

export interface OpenedOutbox {
  readonly database: Database
  /** The same database, as another process has it. */
  readonly again?: () => Database
  close(): Promise<void>
}

const CHANNEL = 'mail'
const START = 1_792_000_000_000
const MINUTE = 60_000
const DAY = 86_400_000

export function outboxContract(name: string, open: () => Promise<OpenedOutbox>): void {
  describe(`outbox: ${name}`, () => {
    const closing: (() => Promise<void>)[] = []
    after(async () => {
      for (const close of closing.toReversed()) await close()
    })

    async function setUp() {
      const { database, again, close } = await open()
      closing.push(close)
      await migrate(database, outboxMigrations)
      const clock = { now: START }
      const keys = parseKeyring(generateKey())
      const outbox = createOutbox({ database, keys, random: randomToken, now: () => clock.now })
      const rows = outboxRows(database, CHANNEL)
      const sent: string[] = []
      const told: string[] = []
      const faults: unknown[] = []

      /** A worker as a process has it; `other` on a connection of its own. */
      function worker(setting: Partial<OutboxWorkerSetting> = {}, other = false): OutboxWorker {
        const own = other && again ? again() : database
        if (own !== database) closing.push(() => own.close())
        const made = startOutboxWorker({
          rows: outboxRows(own, CHANNEL),
          send: async (row) => void sent.push(outbox.open(row)!),
          isFinal: (error) => error instanceof RangeError,
          describe: (error) => (error as Error).message,
          told: {
            sent: () => void told.push('sent'),
            failed: (_row, why, dueAt) => void told.push(`failed: ${why}, again in ${(dueAt - clock.now) / 1000} s`),
            givenUp: (_row, why) => void told.push(`given up: ${why}`),
          },
          onFault: (error) => void faults.push(error),
          now: () => clock.now,
          ...{ background: true, parallel: 1, patience: DAY, grace: DAY, retrying: RETRYING },
          ...setting,
        })
        closing.push(() => made.stop())
        return made
      }

      const add = (body: string, channel = CHANNEL) => database.transaction((tx) => outbox.add(tx, channel, body))
      const stored = () =>
        database.kysely.selectFrom('hf_outbox').selectAll().orderBy('created_at').execute() as Promise<OutboxRow[]>
      return { database, again, clock, keys, outbox, rows, sent, told, faults, worker, add, stored }
    }

    it('sends what was committed, the oldest first, and nothing is left of it', async () => {
      const { add, clock, worker, sent, told, stored, rows } = await setUp()
      for (const body of ['one', 'two', 'three']) {
        await add(body)
        clock.now++
      }
      await add('of somebody else', 'other')
      assert.deepEqual(await rows.counts(), { waiting: 3, failed: 0 })
      await worker().flush()
      assert.deepEqual(sent, ['one', 'two', 'three'])
      assert.deepEqual(told, ['sent', 'sent', 'sent'])
      assert.deepEqual(
        (await stored()).map(({ channel }) => channel),
        ['other'],
      )
    })

    it('sends what is to wait no sooner than it is due, and in that order', async () => {
      const { database, outbox, add, clock, worker, sent } = await setUp()
      await database.transaction((tx) => outbox.add(tx, CHANNEL, 'in the morning', clock.now + MINUTE))
      clock.now++
      await add('now')
      const one = worker()
      await one.flush()
      assert.deepEqual(sent, ['now'])
      clock.now += MINUTE
      await one.flush()
      assert.deepEqual(sent, ['now', 'in the morning'])
    })

    it('says of every channel how much lies there, and since when', async () => {
      const { add, clock, database, rows } = await setUp()
      assert.deepEqual(await outboxLevels(database), [])
      for (const body of ['one', 'two', 'three']) {
        await add(body)
        clock.now += MINUTE
      }
      await add('of somebody else', 'other')
      await rows.giveUp((await rows.claim(clock.now, DAY))!, clock.now, 'no')
      const levels = (await outboxLevels(database)).toSorted((a, b) => a.oldest - b.oldest)
      assert.deepEqual(levels, [
        { channel: 'mail', state: 'given-up', count: 1, oldest: START },
        { channel: 'mail', state: 'waiting', count: 2, oldest: START + MINUTE },
        { channel: 'other', state: 'waiting', count: 1, oldest: START + 3 * MINUTE },
      ])
    })

    it('sends nothing of a transaction that was rolled back', async () => {
      const { database, outbox, worker, sent } = await setUp()
      await assert.rejects(
        database.transaction(async (tx) => {
          await outbox.add(tx, CHANNEL, 'one')
          throw new Error('no')
        }),
      )
      await worker().flush()
      assert.deepEqual(sent, [])
    })

    it('stores bodies sealed: no row holds a word of them, and none opens under another id or channel', async () => {
      const { add, outbox, stored } = await setUp()
      await add('a link that opens an account')
      const [row] = await stored()
      assert.ok(!JSON.stringify(row).includes('link'))
      assert.equal(outbox.open(row!), 'a link that opens an account')
      for (const other of [{ id: 'x' }, { channel: 'x' }, { body: `${row!.body.slice(0, -2)}AA` }])
        assert.equal(outbox.open({ ...row!, ...other }), undefined)
    })

    it('sends each once while many look at the same moment', async () => {
      const { add, worker, sent, rows, faults } = await setUp()
      const bodies = Array.from({ length: 20 }, (_, index) => `letter ${index}`)
      await race(20, (index) => add(bodies[index]!))
      const workers = [...Array.from({ length: 10 }, () => worker({ parallel: 2 })), worker({ parallel: 3 }, true)]
      await Promise.all(workers.map((one) => one.flush()))
      assert.deepEqual(sent.toSorted(), bodies.toSorted())
      assert.deepEqual(await rows.counts(), { waiting: 0, failed: 0 })
      assert.deepEqual(faults, [])
    })

    it('gives one row to one of 20 who take it at the same moment', async () => {
      const { add, rows, clock } = await setUp()
      await add('one')
      const taken = await race(20, () => rows.claim(clock.now, MINUTE))
      assert.equal(taken.filter((row) => row !== undefined).length, 1)
    })

    it('tries again later each time, up to an hour, and gives up after three days', async () => {
      const { add, worker, clock, told, rows, stored } = await setUp()
      await add('one')
      const failing = worker({ send: () => Promise.reject(new Error('down')) })
      for (let attempts = 0; (await rows.counts()).waiting > 0; attempts++) {
        assert.ok(attempts < 100, 'it ends')
        await failing.flush()
        const [row] = await stored()
        clock.now = Math.max(clock.now, row!.due_at)
      }
      assert.deepEqual(
        told.slice(0, 4),
        [30, 60, 120, 240].map((seconds) => `failed: down, again in ${seconds} s`),
      )
      assert.equal(told.at(-2), 'failed: down, again in 3600 s')
      assert.equal(told.at(-1), 'given up: down')
      assert.ok(clock.now - START >= 3 * DAY && clock.now - START < 3 * DAY + 2 * 3_600_000)
      assert.deepEqual(await rows.counts(), { waiting: 0, failed: 1 })
      assert.deepEqual(
        (await rows.list('failed', 10)).map(({ last_error }) => last_error),
        ['down'],
      )
    })

    it('gives up at once what was refused for good, and begins anew when an operator says so', async () => {
      const { add, worker, told, rows, clock, sent } = await setUp()
      await add('one')
      await add('two')
      await worker({ send: () => Promise.reject(new RangeError('no such address')) }).flush()
      assert.deepEqual(told, ['given up: no such address', 'given up: no such address'])
      await worker().flush()
      assert.deepEqual(sent, [])
      const [first] = await rows.list('failed', 10)
      assert.equal(await rows.retry(clock.now, first!.id), 1)
      assert.equal(await rows.retry(clock.now, 'unknown'), 0)
      await worker().flush()
      assert.equal(sent.length, 1)
      assert.equal(await rows.retry(clock.now), 1)
      await worker().flush()
      assert.deepEqual(sent.toSorted(), ['one', 'two'])
    })

    it('forgets what was given up long ago', async () => {
      const { add, worker, rows, clock, stored } = await setUp()
      await add('one')
      await worker({ send: () => Promise.reject(new RangeError('no')) }).flush()
      assert.equal(await rows.forget(clock.now - 1), 0)
      assert.equal(await rows.forget(clock.now), 1)
      assert.deepEqual(await stored(), [])
    })

    it('sends a second time what a process had sent when it died: at least once is what it promises', async () => {
      const { add, worker, rows, clock, sent } = await setUp()
      await add('one')
      const dead = await rows.claim(clock.now, MINUTE)
      sent.push('one') // It left, and the process died before it could say so.
      const next = worker()
      await next.flush()
      assert.equal(sent.length, 1, 'while the lease runs nobody else sends it')
      clock.now += MINUTE
      await next.flush()
      assert.deepEqual(sent, ['one', 'one'])
      await rows.postpone(dead!, clock.now, 'late') // What it comes back with changes nothing.
      assert.deepEqual(await rows.counts(), { waiting: 0, failed: 0 })
    })

    it('counts an attempt when it begins, so that what brings processes down is given up, too', async () => {
      const { add, rows, worker, clock, told } = await setUp()
      await add('poison')
      for (let deaths = 0; deaths < RETRYING.attempts; deaths++) {
        assert.ok(await rows.claim(clock.now, 1))
        clock.now++
      }
      await worker({ send: () => Promise.reject(new Error('down')) }).flush()
      assert.deepEqual(told, ['given up: down'])
    })

    it('does not wait for what takes too long, and goes on with the next', async () => {
      const { add, worker, told, sent, outbox, clock } = await setUp()
      await add('slow')
      clock.now++
      await add('quick')
      const aborted: boolean[] = []
      const send: OutboxWorkerSetting['send'] = async (row, signal) => {
        if (outbox.open(row) === 'slow') {
          signal.addEventListener('abort', () => aborted.push(true))
          await new Promise(() => {}) // It hangs for ever.
        }
        sent.push('quick')
      }
      await worker({ patience: 20, send }).flush()
      assert.deepEqual(sent, ['quick'])
      assert.deepEqual(told, ['failed: It took too long., again in 30 s', 'sent'])
      assert.deepEqual(aborted, [true])
    })

    it('lets end what is under way when it is stopped, and begins nothing more', async () => {
      const { add, worker, rows, sent, clock } = await setUp()
      await add('one')
      clock.now++
      await add('two')
      const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const send = async (): Promise<void> => {
        begun.resolve()
        await released.promise
        sent.push('one')
      }
      const stopping = worker({ send })
      stopping.nudge()
      await begun.promise
      const stopped = stopping.stop()
      released.resolve()
      await stopped
      assert.deepEqual(sent, ['one'])
      assert.deepEqual(await rows.counts(), { waiting: 1, failed: 0 })
      stopping.nudge()
      await stopping.flush()
      assert.deepEqual(await rows.counts(), { waiting: 1, failed: 0 })
    })

    it('leaves what hangs when it is stopped, for the next process', async () => {
      const { add, worker, rows } = await setUp()
      await add('one')
      const begun = Promise.withResolvers<void>()
      const send = async (): Promise<void> => {
        begun.resolve()
        await new Promise(() => {})
      }
      const hanging = worker({ grace: 20, send })
      hanging.nudge()
      await begun.promise
      await hanging.stop()
      assert.deepEqual(await rows.counts(), { waiting: 1, failed: 0 })
    })

    it('sends only when it is told to, where it does not look by itself', async () => {
      const { add, worker, sent, rows } = await setUp()
      await add('one')
      const still = worker({ background: false })
      still.nudge()
      assert.deepEqual(await rows.counts(), { waiting: 1, failed: 0 })
      assert.deepEqual(sent, [])
      await still.flush()
      assert.deepEqual(sent, ['one'])
    })

    it('is nudged after the transaction that added, and not before', async () => {
      const { database, outbox, stored } = await setUp()
      const seen: number[] = []
      const waiting: Promise<unknown>[] = []
      const watched = afterEachAdd(database, outbox, () => void waiting.push(stored().then(({ length }) => seen.push(length))))
      await watched.database.transaction(async (tx) => void (await tx.selectFrom('hf_outbox').selectAll().execute()))
      assert.equal(waiting.length, 0)
      await watched.database.transaction(async (tx) => {
        await watched.outbox.add(tx, CHANNEL, 'one')
        assert.equal(waiting.length, 0)
      })
      await Promise.all(waiting)
      assert.deepEqual(seen, [1])
      await race(20, () => watched.database.transaction((tx) => watched.outbox.add(tx, CHANNEL, 'more')))
      await Promise.all(waiting)
      assert.equal(seen.at(-1), 21)
    })
  })
}
