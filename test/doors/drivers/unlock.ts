/** The link of the letter that told of a lock. */
import type { Driver } from '../driver.ts'
import { fromExample, DAY } from '../driver.ts'

export const unlock: Driver = {
  way: 'unlock',
  arrange: fromExample('unlock'),
  life: DAY + 1,
  event: 'authn_login_unlock',
  byAddress: true,
}
