/** A new password by a link in a letter. */
import { withAddress } from '../../support/api-examples.ts'
import type { Driver } from '../driver.ts'
import { fromExample, HOUR, strayToken, withFields } from '../driver.ts'

export const recovery: Driver = {
  way: 'recovery',
  arrange: fromExample('chooseNewPassword'),
  life: HOUR + 1,
  event: 'authn_recovery_used',
  byAddress: true,
  wrong: (right, turn) => withFields(right, { token: strayToken(turn) }),
  stray: (_, turn) => ({ path: '/login/recover', json: { who: `nobody-${turn}@app.example` } }),
  async pair(stage) {
    await withAddress(stage, true)
    const ask = (who: string) => ({ path: '/login/recover', json: { who } })
    return [ask('ada@app.example'), ask('bob@app.example')]
  },
}
