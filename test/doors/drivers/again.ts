/** Who is signed in gives the password once more. */
import type { Driver } from '../driver.ts'
import { fromExample, MINUTE, withFields } from '../driver.ts'

export const again: Driver = {
  way: 'again',
  arrange: fromExample('provePasswordAgain'),
  life: 31 * MINUTE,
  wrong: (right) => withFields(right, { password: 'velvet anchor prairie sundial' }),
}
