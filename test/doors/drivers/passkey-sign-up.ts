/** A new account with a passkey. */
import type { Ceremony } from '../../../src/accounts/types.ts'
import { examples } from '../../support/api-examples.ts'
import { softAuthenticator } from '../../support/authenticator.ts'
import type { Driver } from '../driver.ts'
import { DAY, strayToken, withFields } from '../driver.ts'

export const passkeySignUp: Driver = {
  way: 'passkey-sign-up',
  async arrange(stage) {
    const { client, sent } = await examples['askToSignUpWithPasskey']!(stage)
    const { token } = sent as { token: string }
    const asked = await client.post('/sign-up/finish/passkey/options', { json: { token } })
    const response = softAuthenticator(stage).create(asked.json() as Ceremony)
    return { client, step: { path: '/sign-up/finish', json: { token, displayName: 'Ada', response } }, secrets: [token] }
  },
  life: DAY + 1,
  wrong: (right, turn) => withFields(right, { token: strayToken(turn) }),
}
