/** Whoever fails again and again from one network is told to wait (L30, L77, L84). */
import assert from 'node:assert/strict'
import { arranged, type Invariant } from '../invariant.ts'
import { forgetfulStore } from '../../support/weak-store.ts'

const MANY = 30
/** Asks for letters are counted as requests are. */
const UNASKED = `CREATE TRIGGER unasked AFTER INSERT ON hf_rate WHEN NEW.key LIKE 'accounts:ask:%'
  BEGIN DELETE FROM hf_rate WHERE key = NEW.key; END`

export const throttled: Invariant = {
  name: 'throttled',
  async holds(stage, driver) {
    const { client, step } = await arranged(stage, driver)
    const wrong = (driver.stray ?? driver.wrong)!
    const statuses = new Set<number>()
    for (let turn = 0; turn < MANY; turn++) {
      const { status, headers } = await stage.take(wrong(step, turn), stage.copyOf(client))
      if (status === 429) assert.match(headers['retry-after'] ?? '', /^[1-9]\d*$/)
      statuses.add(status)
    }
    assert.ok(statuses.has(429), `${MANY} wrong steps were answered ${[...statuses].join(', ')}`)
    assert.ok(
      [...statuses].every((status) => status < 500),
      [...statuses].join(', '),
    )
  },
  weakened: () => ({ database: () => forgetfulStore(':fail:'), after: (stage) => stage.run(UNASKED) }),
}
