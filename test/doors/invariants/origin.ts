/** A page of another site cannot do it, with all the cookies and all that is right (login CSRF; L48, L88). */
import assert from 'node:assert/strict'
import { arranged, assertRefused, needPassed, type Invariant } from '../invariant.ts'

const ELSEWHERE = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }

export const origin: Invariant = {
  name: 'origin',
  async holds(stage, driver) {
    const { client, step } = await arranged(stage, driver)
    const headers = { ...step.headers, ...ELSEWHERE }
    const answer = await stage.take({ ...step, headers }, stage.copyOf(client))
    assertRefused(answer)
    assert.deepEqual(answer.headers['set-cookie'] ?? [], [])
    // It was refused for where it came from: nothing was used up by it.
    const own = await stage.take(step, client)
    needPassed(own)
  },
  weakened: () => ({ options: { csrf: false } }),
}
