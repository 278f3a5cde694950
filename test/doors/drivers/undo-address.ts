/** The link that gives an account the address back that it had before. */
import type { Driver } from '../driver.ts'
import { fromExample, DAY } from '../driver.ts'

export const undoAddress: Driver = {
  way: 'undo-address',
  arrange: fromExample('undoNewAddress'),
  life: 7 * DAY + 1,
  event: 'authn_taken_back',
}
