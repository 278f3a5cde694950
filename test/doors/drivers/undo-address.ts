/** The link that takes a change of the address back. */
import type { Driver } from '../driver.ts'
import { fromExample, DAY } from '../driver.ts'

export const undoAddress: Driver = {
  way: 'undo-address',
  arrange: fromExample('undoNewAddress'),
  life: 7 * DAY + 1,
  event: 'authn_taken_back',
}
