/** What becomes of what does not leave at once, on every database: tried again, given up, and left whole by a process that ends. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { RETRYING, type OutboxWorkerSetting } from './outbox-worker.ts'
import { DAY, MINUTE, openOutbox, START, type OpenedOutbox } from './outbox-fixture.contract.ts'

export function outboxWorkerContract(name: string, open: () => Promise<OpenedOutbox>): void {
  describe(`worker of the outbox: ${name}`, () => {
    const closing: (() => Promise<void>)[] = []
    const setUp = () => openOutbox(open, closing)
    after(async () => {
      for (const close of closing.toReversed()) await close()
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
  })
}
