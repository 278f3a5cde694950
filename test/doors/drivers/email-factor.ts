/** A code in a letter as the second step, after the password. */
import { examples, letterCode } from '../../support/api-examples.ts'
import type { Driver } from '../driver.ts'
import { MINUTE, withFields } from '../driver.ts'

export const emailFactor: Driver = {
  way: 'email-factor',
  async arrange(stage) {
    const { client } = await examples['sendFactorCode']!(stage)
    await client.post('/login/factor/mail', { json: {} })
    return { client, step: { path: '/login/factor', json: { code: await letterCode(stage) } } }
  },
  life: 10 * MINUTE + 1,
  byAddress: true,
  wrong: (right, turn) => withFields(right, { code: String(turn).padStart(8, '0') }),
}
