/** Tokens for an app, by a session. */
import type { Driver } from '../driver.ts'
import { fromExample, MINUTE } from '../driver.ts'

export const tokens: Driver = {
  way: 'tokens',
  arrange: fromExample('signInApp'),
  life: 11 * MINUTE,
  event: 'authn_token_created',
  behind: ({ tokens: service }) => service,
}
