/** The first administrator. */
import type { Driver } from '../driver.ts'
import { fromExample, HOUR, withFields } from '../driver.ts'

export const setUp: Driver = {
  way: 'set-up',
  arrange: fromExample('setUp'),
  life: HOUR + 1,
  event: 'authn_setup',
  wrong: (right, turn) => withFields(right, { code: `AAAA-AAAA-${turn}` }),
  behind: ({ setUp }) => setUp,
}
