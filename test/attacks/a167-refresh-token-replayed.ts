import { defineAttack } from '../support/attack.ts'
import { fromApp, signInApp, tokensIn, TOKENS, whoBears } from '../support/tokens.ts'
import { unrotatedTokens } from '../support/weak-store.ts'

const MINUTE = 60_000

export default [
  defineAttack({
    id: 'A167a',
    title: 'has copied a refresh token, and uses it after its app did (L26)',
    control: 'signIn',
    options: TOKENS,
    without: { database: unrotatedTokens() },
    async succeeds(app) {
      await app.signIn('member', 'ada')
      const { refresh_token } = await signInApp(app, 'ada')
      const stolen = refresh_token
      if (!tokensIn(await fromApp(app, '/auth/refresh', { refresh_token }))) throw new Error('The app gets no new tokens.')
      app.clock.advance(MINUTE)
      return tokensIn(await fromApp(app, '/auth/refresh', { refresh_token: stolen })) !== undefined
    },
  }),
  defineAttack({
    id: 'A167b',
    title: 'has copied a refresh token, uses it first, and keeps what it got when the app comes (L26)',
    control: 'signIn',
    options: TOKENS,
    without: { database: unrotatedTokens() },
    async succeeds(app) {
      await app.signIn('member', 'ada')
      const { refresh_token } = await signInApp(app, 'ada')
      const got = tokensIn(await fromApp(app, '/auth/refresh', { refresh_token }))
      if (!got || (await whoBears(app, got.access_token)) !== 'ada') throw new Error('The copy does not work at all.')
      app.clock.advance(MINUTE)
      await fromApp(app, '/auth/refresh', { refresh_token })
      return (await whoBears(app, got.access_token)) === 'ada'
    },
  }),
]
