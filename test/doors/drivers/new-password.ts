/** Another password in place of one that is too short to be alone. */
import type { Driver } from '../driver.ts'
import { fromExample, MINUTE } from '../driver.ts'

export const newPassword: Driver = {
  way: 'new-password',
  arrange: fromExample('replacePassword'),
  life: 5 * MINUTE + 1,
  event: 'authn_password_change',
}
