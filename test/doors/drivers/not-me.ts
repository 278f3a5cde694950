/** The link of a notice: this was not me. */
import type { Driver } from '../driver.ts'
import { fromExample, DAY } from '../driver.ts'

export const notMe: Driver = {
  way: 'not-me',
  arrange: fromExample('sayNotMe'),
  life: 7 * DAY + 1,
  event: 'authn_taken_back',
}
