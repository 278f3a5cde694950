/** Of twenty at once, one gets through (L14, L23, L25, L26). */
import assert from 'node:assert/strict'
import { race } from '../../../src/testing/index.ts'
import { endlessLinks } from '../../support/weak-store.ts'
import { arranged, passed, type Invariant } from '../invariant.ts'

const MANY = 20

export const singleUse: Invariant = {
  name: 'single-use',
  async holds(stage, driver) {
    const { client, step } = await arranged(stage, driver)
    const answers = await race(MANY, () => stage.take(step, stage.copyOf(client)))
    const won = answers.filter(passed)
    const gains = new Set(
      won.map((answer, index) => (driver.gain ? driver.gain(answer) : index)).filter((gain) => gain !== undefined),
    ).size
    assert.equal(gains, 1, `Of ${MANY} at once ${gains} got through: ${answers.map(({ status }) => status).join()}`)
    assert.deepEqual(
      answers.filter(({ status }) => status >= 500).map(({ text }) => text),
      [],
    )
  },
  weakened: { way: 'magic-link', database: endlessLinks },
}
