/** A code in a letter. */
import { withAddress } from '../../support/api-examples.ts'
import type { Driver } from '../driver.ts'
import { fromExample, MINUTE, withFields } from '../driver.ts'

export const emailCode: Driver = {
  way: 'email-code',
  arrange: fromExample('signInWithCode'),
  life: 10 * MINUTE + 1,
  byAddress: true,
  wrong: (right, turn) => withFields(right, { code: String(turn).padStart(8, '0') }),
  async pair(stage) {
    await withAddress(stage, true)
    const ask = (login: string) => ({ path: '/login/code', json: { login } })
    return [ask('ada@app.example'), ask('bob@app.example')]
  },
}
