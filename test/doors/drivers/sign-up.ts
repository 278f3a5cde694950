/** A new account, by the link of a letter. */
import { withAddress } from '../../support/api-examples.ts'
import type { Driver } from '../driver.ts'
import { fromExample, DAY, strayToken, withFields } from '../driver.ts'

export const signUp: Driver = {
  way: 'sign-up',
  arrange: fromExample('finishSignUp'),
  life: DAY + 1,
  wrong: (right, turn) => withFields(right, { token: strayToken(turn) }),
  async pair(stage) {
    await withAddress(stage, true)
    const ask = (address: string) => ({ path: '/sign-up', json: { address } })
    return [ask('ada@app.example'), ask('bob@app.example')]
  },
}
