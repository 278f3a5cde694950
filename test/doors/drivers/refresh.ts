/** New tokens for an app. */
import type { Driver } from '../driver.ts'
import { fromExample, DAY } from '../driver.ts'

export const refresh: Driver = {
  way: 'refresh',
  arrange: fromExample('refreshTokens'),
  life: 400 * DAY,
  gain: (answer) => (answer.json() as { refresh_token: string }).refresh_token,
  behind: ({ tokens: service }) => service,
}
