/** An account that is gone gets nothing, and causes no fault (L06, L64). */
import assert from 'node:assert/strict'
import { arranged, assertRefused, needed, type Invariant } from '../invariant.ts'

const NEVER_GONE = 'CREATE TRIGGER never_gone BEFORE DELETE ON hf_users BEGIN SELECT RAISE(IGNORE); END'

export const deleted: Invariant = {
  name: 'deleted',
  async holds(stage, driver) {
    const { client, step, userId } = await arranged(stage, driver)
    await stage.run(`DELETE FROM hf_users WHERE id = '${needed(userId)}'`)
    assertRefused(await stage.take(step, client))
    assert.deepEqual(stage.faults, [])
  },
  // An account that was marked and not deleted, and nobody looks at the mark.
  weakened: () => ({ after: (stage) => stage.run(NEVER_GONE) }),
}
