/** A link in a letter. */
import { withAddress } from '../../support/api-examples.ts'
import type { Driver } from '../driver.ts'
import { fromExample, MINUTE, strayToken, withFields } from '../driver.ts'

export const magicLink: Driver = {
  way: 'magic-link',
  arrange: fromExample('signInWithLink'),
  life: 15 * MINUTE + 1,
  byAddress: true,
  wrong: (right, turn) => withFields(right, { token: strayToken(turn) }),
  async pair(stage) {
    await withAddress(stage, true)
    const ask = (login: string) => ({ path: '/login/link', json: { login } })
    return [ask('ada@app.example'), ask('bob@app.example')]
  },
}
