/** A cookie of an application on Flask. */
import type { Driver } from '../driver.ts'
import { fromExample, DAY } from '../driver.ts'

export const flaskSession: Driver = {
  way: 'flask-session',
  arrange: fromExample('continueFlaskSession'),
  life: 32 * DAY,
}
