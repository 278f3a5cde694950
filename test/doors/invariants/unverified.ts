/** Mail lets nobody in by an address that is not verified at the moment of use; who must verify theirs reaches nothing else (L12, L36, L41). */
import assert from 'node:assert/strict'
import { arranged, assertRefused, needed, type Invariant } from '../invariant.ts'

/** So that they come as far as the last step. */
const VERIFIED_AT_FIRST = `CREATE TRIGGER verified_at_first AFTER INSERT ON hf_users
  BEGIN INSERT INTO hf_addresses VALUES (NEW.id, NEW.login || '@app.example', NEW.login || '@app.example', 1); END`
const ALWAYS_VERIFIED = 'CREATE TRIGGER always_verified BEFORE UPDATE ON hf_addresses BEGIN SELECT RAISE(IGNORE); END'

export const unverified: Invariant = {
  name: 'unverified',
  async holds(stage, driver) {
    const { client, step, userId } = await arranged(stage, driver)
    if (driver.byAddress) {
      // Nobody told the doors: what was sent to the address that was verified then is still there.
      await stage.run(
        `UPDATE hf_addresses SET verified_at = NULL, address_key = 'x@app.example' WHERE user_id = '${needed(userId)}'`,
      )
      assertRefused(await stage.take(step, client))
      return
    }
    await using strict = await stage.again({ signIn: { requireVerified: true } })
    await strict.run(VERIFIED_AT_FIRST)
    const theirs = await arranged(strict, driver)
    await strict.run(`UPDATE hf_addresses SET verified_at = NULL WHERE user_id = '${needed(theirs.userId)}'`)
    await strict.take(theirs.step, theirs.client)
    assert.notEqual((await theirs.client.get('/private')).status, 200)
  },
  weakened: () => ({ after: (stage) => stage.run(ALWAYS_VERIFIED) }),
}
