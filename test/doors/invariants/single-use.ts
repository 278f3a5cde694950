/** Of twenty at once, one gets through (L14, L23, L25, L26). */
import assert from 'node:assert/strict'
import { race } from '../../../src/testing/index.ts'
import { nobodyYet } from '../../support/weak-store.ts'
import { nothingUsedUp } from '../nothing-used-up.ts'
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
    const words = `Of ${MANY} at once ${gains} got through: ${answers.map(({ status }) => status).join()}`
    if (gains === 0) throw new Error(words)
    assert.equal(gains, 1, words)
    const fault = answers.find(({ status }) => status >= 500)
    if (fault) throw new Error(fault.text)
  },
  // The first administrator is the only one for another reason, too: there is somebody already.
  weakened: ({ way }) => ({ ...(way === 'set-up' && { database: nobodyYet }), arranged: nothingUsedUp }),
}
