/** The link that confirms another address. */
import type { Driver } from '../driver.ts'
import { fromExample, HOUR } from '../driver.ts'

export const changeAddress: Driver = {
  way: 'change-address',
  arrange: fromExample('confirmNewAddress'),
  life: HOUR + 1,
  event: 'user_updated',
}
