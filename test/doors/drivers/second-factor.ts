/** A code of an authenticator app, after the password. */
import type { Driver } from '../driver.ts'
import { fromExample, MINUTE, withFields } from '../driver.ts'

export const secondFactor: Driver = {
  way: 'second-factor',
  arrange: fromExample('giveSecondFactor'),
  life: 5 * MINUTE + 1,
  wrong: (right, turn) => withFields(right, { code: String(turn).padStart(6, '0') }),
}
