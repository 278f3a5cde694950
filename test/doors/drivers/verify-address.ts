/** The link that verifies an address. */
import type { Driver } from '../driver.ts'
import { fromExample, DAY } from '../driver.ts'

export const verifyAddress: Driver = {
  way: 'verify-address',
  arrange: fromExample('verifyAddress'),
  life: DAY + 1,
  event: 'user_updated',
}
