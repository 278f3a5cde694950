import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { signInApp, TOKENS, whoBears } from '../support/tokens.ts'
import { endlessApps } from '../support/weak-store.ts'

const SYSTEM = { kind: 'system', id: 'test' } as const

async function working(app: TestApp) {
  const { userId } = await app.signIn('member', 'ada')
  const { access_token } = await signInApp(app, 'ada')
  if ((await whoBears(app, access_token)) !== 'ada') throw new Error('The token does not work at all.')
  return { userId, token: access_token }
}

export default [
  defineAttack({
    id: 'A166a',
    title: 'goes on with the access token of an account that was disabled (L06, L62)',
    control: 'accessTokens',
    options: TOKENS,
    without: { database: endlessApps() },
    async succeeds(app) {
      const { userId, token } = await working(app)
      if (!(await app.holdfast.accounts.users.disable(userId, SYSTEM)).ok) throw new Error('The user was not disabled.')
      return (await whoBears(app, token)) === 'ada'
    },
  }),
  defineAttack({
    id: 'A166b',
    title: 'goes on with an access token after its owner ended everything (L109)',
    control: 'accessTokens',
    options: TOKENS,
    without: { database: endlessApps() },
    async succeeds(app) {
      const { userId, token } = await working(app)
      if ((await app.holdfast.accounts.sessions.endAll(userId, SYSTEM)) === 0) throw new Error('Nothing was ended.')
      return (await whoBears(app, token)) === 'ada'
    },
  }),
]
