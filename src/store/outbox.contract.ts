/** What the outbox must do on every database, with one process and with several: everything that was committed leaves once. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { race } from '../../test/support/race.ts'
import { afterEachAdd } from './outbox-worker.ts'
import { outboxLevels, type OutboxRow } from './outbox-rows.ts'
import { CHANNEL, DAY, MINUTE, openOutbox, START, type OpenedOutbox } from './outbox-fixture.contract.ts'

export function outboxContract(name: string, open: () => Promise<OpenedOutbox>): void {
  describe(`outbox: ${name}`, () => {
    const closing: (() => Promise<void>)[] = []
    const setUp = () => openOutbox(open, closing)
    after(async () => {
      for (const close of closing.toReversed()) await close()
    })

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
      await database.transaction((tx) => outbox.add(tx, CHANNEL, 'in the morning', { at: clock.now + MINUTE }))
      clock.now++
      await add('now')
      const one = worker()
      await one.flush()
      assert.deepEqual(sent, ['now'])
      clock.now += MINUTE
      await one.flush()
      assert.deepEqual(sent, ['now', 'in the morning'])
    })

    it('sends what belongs together in its order, whoever sends it and however often it fails', async () => {
      const { database, outbox, clock, worker, sent, rows } = await setUp()
      const line = (body: string, name = 'x') => database.transaction((tx) => outbox.add(tx, CHANNEL, body, { line: name }))
      for (const body of ['began', 'goes on', 'over']) await line(body)
      await line('another', 'y')
      const gate = Promise.withResolvers<void>()
      let fails = true
      const send = async (row: OutboxRow) => {
        const body = outbox.open(row)!
        if (body === 'began') await gate.promise
        if (body === 'began' && fails) throw new Error('no')
        sent.push(body)
      }
      const [one, other] = [worker({ send }), worker({ send }, true)]
      const first = one.flush()
      const begun = (row: OutboxRow) => row.attempts === 1 && outbox.open(row) === 'began'
      while (!(await rows.list('waiting', 9)).some(begun)) await turn()
      await other.flush()
      gate.resolve()
      await first
      assert.deepEqual(sent, ['another'], 'the first of the line was under way')
      await other.flush()
      assert.deepEqual(sent, ['another'], 'the first of the line is tried again')
      fails = false
      clock.now += MINUTE
      await Promise.all([one.flush(), other.flush()])
      assert.deepEqual(sent, ['another', 'began', 'goes on', 'over'])
    })

    it('sends what comes after what was given up, and holds nothing up for what waits for the morning', async () => {
      const { database, outbox, clock, worker, sent } = await setUp()
      const line = (body: string, at?: number) =>
        database.transaction((tx) => outbox.add(tx, CHANNEL, body, { line: 'x', ...(at !== undefined && { at }) }))
      await line('held', clock.now + DAY)
      await line('bad')
      await line('urgent')
      const send = async (row: OutboxRow) => {
        if (outbox.open(row) === 'bad') throw new RangeError('never')
        sent.push(outbox.open(row)!)
      }
      await worker({ send }).flush()
      assert.deepEqual(sent, ['held', 'urgent'])
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
