/** A session that somebody planted in the browser is dead when its owner came in, and was not adopted (L24, L61). */
import assert from 'node:assert/strict'
import { endlessSessions } from '../../support/weak-store.ts'
import { arranged, needPassed, type Invariant } from '../invariant.ts'

const SESSION = 'hf_sid_localhost'

export const fixation: Invariant = {
  name: 'fixation',
  async holds(stage, driver) {
    const { client, step } = await arranged(stage, driver)
    const planted = client.cookies.get(SESSION) ?? (await stage.signedIn('member')).cookies.get(SESSION)!
    client.cookies.set(SESSION, planted)
    const answer = await stage.take(step, client)
    needPassed(answer)
    assert.notEqual(client.cookies.get(SESSION), planted)
    const found = await stage.holdfast.accounts.sessions.find(planted, stage.clock.now())
    assert.equal(found.ok, false, 'The planted session lives on.')
  },
  weakened: () => ({ database: endlessSessions }),
}
