/** A new account, by the link of an invitation. */
import type { Driver } from '../driver.ts'
import { fromExample, DAY, strayToken, withFields } from '../driver.ts'

export const invitation: Driver = {
  way: 'invitation',
  arrange: fromExample('acceptInvitation'),
  life: 30 * DAY,
  wrong: (right, turn) => withFields(right, { token: strayToken(turn) }),
}
