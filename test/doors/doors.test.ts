/** Every way in × every invariant: what has no reason in the matrix is tried, and each invariant is seen to fail without its guard. */
import assert from 'node:assert/strict'
import { AssertionError } from 'node:assert'
import { describe, it } from 'node:test'
import { doorNames } from '../../src/accounts/doors/index.ts'
import { applies, INVARIANTS, ways } from '../../src/accounts/doors/matrix.ts'
import { doors } from '../../src/controls/sign-in/doors/index.ts'
import { drivers } from './drivers/index.ts'
import { passed } from './invariant.ts'
import { invariants } from './invariants/index.ts'
import { openStage } from './stage.ts'

const driverOf = new Map(drivers.map((driver) => [driver.way, driver]))

/** Proves nothing: it shows who is signed in what their own session kept. */
const NO_WAY_IN = ['resume']

describe('the matrix of ways in', () => {
  it('names every door of accounts and of the web, and no other', () => {
    assert.deepEqual([...new Set(ways.flatMap(({ door = [] }) => door))].toSorted(), doorNames.toSorted())
    const web = new Set([...ways.flatMap(({ web: one = [] }) => one), ...NO_WAY_IN])
    assert.deepEqual([...web].toSorted(), doors.map(({ name }) => name).toSorted())
  })

  it('has a driver for each way and a test for each invariant, once', () => {
    assert.deepEqual(
      drivers.map(({ way }) => way),
      ways.map(({ name }) => name),
    )
    assert.deepEqual(
      invariants.map(({ name }) => name as string),
      Object.keys(INVARIANTS),
    )
  })

  it('gives a whole sentence wherever an invariant does not apply', () => {
    const reasons = ways.flatMap(({ not }) => Object.values(not))
    assert.deepEqual(
      reasons.filter((reason) => !/^[A-Z].{10,}\.$/.test(reason)),
      [],
    )
  })
})

for (const way of ways) {
  describe(`the way in "${way.name}"`, () => {
    const driver = driverOf.get(way.name)!

    it('is open to who is right, so that the refusals below mean something', async () => {
      await using stage = await openStage()
      const { client, step } = await driver.arrange(stage)
      const answer = await stage.take(step, client)
      assert.ok(passed(answer), `${answer.status} ${answer.text}`)
      assert.deepEqual(stage.faults, [])
    })

    for (const { name, options = {}, holds } of invariants) {
      // Why not stands in the matrix, and a test above wants a whole sentence of it.
      if (!applies(way, name)) continue
      it(`${name}: ${INVARIANTS[name]}`, async () => {
        await using stage = await openStage({ options })
        await holds(stage, driver)
      })
    }
  })
}

describe('each cell is seen to fail where its guard is taken away', () => {
  for (const { name, options, holds, weakened } of invariants) {
    for (const way of ways.filter((one) => applies(one, name))) {
      it(`${name}, at "${way.name}"`, async () => {
        const driver = driverOf.get(way.name)!
        await using stage = await openStage({ options, driver, weak: weakened(driver) })
        await assert.rejects(holds(stage, driver), AssertionError)
      })
    }
  }
})
