/** What was done is told, and what was refused as well. */
import assert from 'node:assert/strict'
import { arranged, needPassed, type Invariant } from '../invariant.ts'

export const event: Invariant = {
  name: 'event',
  async holds(stage, driver) {
    const { client, step } = await arranged(stage, driver)
    stage.events.length = 0
    const answer = await stage.take(step, client)
    needPassed(answer)
    const wanted = driver.event ?? 'authn_login_success'
    assert.equal(stage.events.filter(({ type }) => type === wanted).length, 1, stage.events.map(({ type }) => type).join())
  },
  // A log that keeps nothing: there is one place through which all is told.
  weakened: () => ({ after: (stage) => void Object.assign(stage.events, { push: () => 0 }) }),
}
