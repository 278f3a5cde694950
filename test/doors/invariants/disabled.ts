/** An account that was disabled in the meantime gets nothing, at any door (L05, L06). */
import { FAN_OUT } from '../../../src/accounts/fan-out.ts'
import type { Stage } from '../stage.ts'
import { arranged, assertRefused, needed, OPERATOR, type Invariant } from '../invariant.ts'

/** The table says nothing else than that everybody is active. */
const ALWAYS_ACTIVE = `CREATE TRIGGER always_active AFTER UPDATE OF status ON hf_users WHEN NEW.status <> 'active'
  BEGIN UPDATE hf_users SET status = 'active' WHERE id = NEW.id; END`

export const disabled: Invariant = {
  name: 'disabled',
  async holds(stage, driver) {
    const { client, step, userId } = await arranged(stage, driver)
    // There is another administrator, or the last one could not be disabled.
    await stage.signedIn('admin')
    await stage.holdfast.accounts.users.disable(needed(userId), OPERATOR)
    assertRefused(await stage.take(step, client))
  },
  // Nothing ends by it, and nobody is told of it.
  weakened: () => ({
    async arranged(stage) {
      await stage.run(ALWAYS_ACTIVE)
      endNothing(stage)
    },
  }),
}

/** Empties the row of the table, until the stage is struck. */
function endNothing(stage: Stage): void {
  const row = FAN_OUT['user-disabled'] as Record<string, unknown>
  const whole = { ...row }
  for (const name of Object.keys(row)) delete row[name]
  Object.assign(row, { own: 'keep', others: 'keep' })
  stage.afterwards.push(() => void Object.assign(row, whole))
}
