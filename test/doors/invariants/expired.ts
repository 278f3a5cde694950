/** After its time it is void, at the moment of use and not when somebody cleans up (L14, L35, L66). */
import { arranged, assertRefused, type Invariant } from '../invariant.ts'

export const expired: Invariant = {
  name: 'expired',
  async holds(stage, driver) {
    const { client, step } = await arranged(stage, driver)
    if (driver.life === undefined) throw new Error(`The driver of ${driver.way} does not say how long it is good.`)
    stage.clock.advance(driver.life)
    assertRefused(await stage.take(step, client))
  },
  // A clock that stands: nobody asks what time it is but of the one.
  weakened: () => ({ arranged: (stage) => void Object.assign(stage.clock, { advance: () => {} }) }),
}
