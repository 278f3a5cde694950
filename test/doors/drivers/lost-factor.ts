/** The last link of the slow way for who lost the second factor. */
import type { Driver } from '../driver.ts'
import { fromExample } from '../driver.ts'

export const lostFactor: Driver = {
  way: 'lost-factor',
  arrange: fromExample('removeLostSecondFactor'),
  event: 'authn_factor_removed',
  byAddress: true,
}
