/** Where the account has a second factor, no first step opens a session (L01, L02, L05, L07). */
import assert from 'node:assert/strict'
import { noFactors } from '../../support/weak-store.ts'
import { arranged, needed, type Invariant } from '../invariant.ts'

export const secondFactor: Invariant = {
  name: 'second-factor',
  async holds(stage, driver) {
    const { client, step, userId } = await arranged(stage, driver)
    // Written by the test, so that nothing but the gate can know of it.
    await stage.run(
      `INSERT OR IGNORE INTO hf_factors (user_id, kind, value, version, last_step, created_at) VALUES ('${needed(userId)}', 'totp', 'x', 1, 0, 0)`,
    )
    const before = new Set(client.cookies.values())
    const answer = await stage.take(step, client)
    const fresh = [...client.cookies.values()].filter((value) => !before.has(value))
    const found = await Promise.all(
      fresh.map(async (token) => await stage.holdfast.accounts.sessions.find(token, stage.clock.now())),
    )
    assert.deepEqual(
      found.filter(({ ok }) => ok),
      [],
      `The step answered ${answer.status} and opened a session.`,
    )
  },
  weakened: { way: 'password', database: noFactors },
}
