/** A passkey, alone. */
import type { Driver } from '../driver.ts'
import { fromExample, MINUTE, withFields } from '../driver.ts'

export const passkey: Driver = {
  way: 'passkey',
  arrange: fromExample('signInWithPasskey'),
  life: 5 * MINUTE + 1,
  wrong: (right) => withFields(right, { response: { id: 'AAAA', rawId: 'AAAA', type: 'public-key', response: {} } }),
}
