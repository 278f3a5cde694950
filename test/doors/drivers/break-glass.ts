/** What was in the two envelopes of the sealed account. */
import type { Driver } from '../driver.ts'
import { fromExample, withFields } from '../driver.ts'

export const breakGlass: Driver = {
  way: 'break-glass',
  login: 'break-glass',
  arrange: fromExample('openBreakGlass'),
  wrong: (right, turn) => withFields(right, { first: `AAAA-AAAA-AAAA-AAAA-AAAA-${String(turn).padStart(4, '0')}` }),
}
