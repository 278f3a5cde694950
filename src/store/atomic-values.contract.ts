/** What values must do in every atomic store: kept to their time, and given, counted, reserved and swapped with one winner. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { race } from '../../test/support/race.ts'
import { NOW, WINNERS_OF, type Trying } from './atomic-fixture.contract.ts'

export function valuesContract(trying: Trying): void {
  it('keeps a value until its time by the caller, to the millisecond', async () => {
    const name = trying.key()
    await trying.store.put(name, 'one', 1000, NOW)
    await trying.store.put(name, 'two', 1000, NOW)
    assert.equal(await trying.store.get(name, NOW + 999), 'two')
    assert.equal(await trying.store.get(name, NOW + 1000), undefined)
    assert.equal(await trying.store.get(trying.key(), NOW), undefined)
  })

  it('deletes a value, also one that is not there', async () => {
    const name = trying.key()
    await trying.store.put(name, 'one', 1000, NOW)
    await trying.store.delete(name)
    await trying.store.delete(name)
    assert.equal(await trying.store.get(name, NOW), undefined)
  })

  it('gives a value to exactly one of many who consume it', async () => {
    const name = trying.key()
    await trying.store.put(name, 'code', 1000, NOW)
    const got = await race(WINNERS_OF, () => trying.store.consumeOnce(name, NOW))
    assert.deepEqual(
      got.filter((value) => value !== undefined),
      ['code'],
    )
  })

  it('consumes nothing that has expired', async () => {
    const name = trying.key()
    await trying.store.put(name, 'code', 1000, NOW)
    assert.equal(await trying.store.consumeOnce(name, NOW + 1000), undefined)
  })

  it('counts up to the limit and no further, however many count', async () => {
    const name = trying.key()
    const counts = await race(WINNERS_OF, () => trying.store.incrementIf(name, 5, 1000, NOW))
    assert.deepEqual(
      counts
        .filter(({ ok }) => ok)
        .map(({ count }) => count)
        .toSorted(),
      [1, 2, 3, 4, 5],
    )
    assert.deepEqual(await trying.store.incrementIf(name, 5, 1000, NOW), { ok: false, count: 5 })
    assert.equal(await trying.store.get(name, NOW), '5')
  })

  it('starts the time of a count with its first and begins again after it', async () => {
    const name = trying.key()
    await trying.store.incrementIf(name, 2, 1000, NOW)
    await trying.store.incrementIf(name, 2, 1000, NOW + 900)
    assert.deepEqual(await trying.store.incrementIf(name, 2, 1000, NOW + 999), { ok: false, count: 2 })
    assert.deepEqual(await trying.store.incrementIf(name, 2, 1000, NOW + 1000), { ok: true, count: 1 })
    await trying.store.delete(name)
    assert.deepEqual(await trying.store.incrementIf(name, 2, 1000, NOW + 1000), { ok: true, count: 1 })
  })

  it('never counts with a limit of 0, and refuses to count on a value', async () => {
    assert.deepEqual(await trying.store.incrementIf(trying.key(), 0, 1000, NOW), { ok: false, count: 0 })
    for (const value of ['', 'abc', '1x', '-1', '9'.repeat(16)]) {
      const name = trying.key()
      await trying.store.put(name, value, 1000, NOW)
      await assert.rejects(async () => trying.store.incrementIf(name, 5, 1000, NOW), { code: 'store-misuse' })
      assert.equal(await trying.store.get(name, NOW), value)
    }
  })

  it('reserves for one of many, extends for the same, frees for the same alone', async () => {
    const name = trying.key()
    const won = await race(WINNERS_OF, (index) => trying.store.reserve(name, `owner ${index}`, 1000, NOW))
    assert.equal(won.filter(Boolean).length, 1)
    const owner = `owner ${won.indexOf(true)}`
    assert.equal(await trying.store.reserve(name, owner, 2000, NOW), true)
    assert.equal(await trying.store.reserve(name, 'late', 1000, NOW + 1999), false)
    assert.equal(await trying.store.release(name, 'late'), false)
    assert.equal(await trying.store.release(name, owner), true)
    assert.equal(await trying.store.release(name, owner), false)
    assert.equal(await trying.store.reserve(name, 'late', 1000, NOW), true)
  })

  it('lets a reservation lapse', async () => {
    const name = trying.key()
    await trying.store.reserve(name, 'first', 1000, NOW)
    assert.equal(await trying.store.reserve(name, 'second', 1000, NOW + 999), false)
    assert.equal(await trying.store.reserve(name, 'second', 1000, NOW + 1000), true)
  })

  it('swaps for exactly one of many who saw the same value', async () => {
    const name = trying.key()
    const made = await race(WINNERS_OF, (index) => trying.store.compareAndSwap(name, undefined, `made ${index}`, 1000, NOW))
    assert.equal(made.filter(Boolean).length, 1)
    const seen = await trying.store.get(name, NOW)
    assert.equal(seen, `made ${made.indexOf(true)}`)
    const swapped = await race(WINNERS_OF, (index) => trying.store.compareAndSwap(name, seen, `next ${index}`, 1000, NOW))
    assert.equal(swapped.filter(Boolean).length, 1)
    assert.equal(await trying.store.get(name, NOW), `next ${swapped.indexOf(true)}`)
  })

  it('takes an expired value for none when it compares', async () => {
    const name = trying.key()
    await trying.store.put(name, 'old', 1000, NOW)
    assert.equal(await trying.store.compareAndSwap(name, 'old', 'new', 1000, NOW + 1000), false)
    assert.equal(await trying.store.compareAndSwap(name, undefined, 'new', 1000, NOW + 1000), true)
    assert.equal(await trying.store.get(name, NOW + 1001), 'new')
  })
}
