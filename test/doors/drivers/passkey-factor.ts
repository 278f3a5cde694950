/** A passkey as the second step, in a session that proves it anew. */
import type { Driver } from '../driver.ts'
import { fromExample, MINUTE, withFields } from '../driver.ts'

export const passkeyFactor: Driver = {
  way: 'passkey-factor',
  arrange: fromExample('giveSecondPasskey'),
  life: 5 * MINUTE + 1,
  wrong: (right) => withFields(right, { response: { id: 'AAAA', rawId: 'AAAA', type: 'public-key', response: {} } }),
}
