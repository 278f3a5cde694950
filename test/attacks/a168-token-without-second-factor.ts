import { PASSWORD } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { withAuthenticator } from '../support/second-factor-browser.ts'
import { fromApp, tokensIn, TOKENS, whoBears } from '../support/tokens.ts'
import { noFactors } from '../support/weak-store.ts'

const AS_APP = { as: 'token', client: 'Phone' }

export default defineAttack({
  id: 'A168',
  title: 'has the password of somebody with a second factor, and asks for tokens in place of a session (L01, L03, L49)',
  control: 'signIn',
  options: TOKENS,
  without: { database: noFactors() },
  async succeeds(app) {
    await withAuthenticator(app)
    const answer = await fromApp(app, '/login', { ...AS_APP, login: 'victim', password: PASSWORD })
    const direct = tokensIn(answer)
    if (direct) return (await whoBears(app, direct.access_token)) === 'victim'
    const { pending } = JSON.parse(answer.text) as { pending?: string }
    if (pending === undefined) throw new Error('The password was right, and nothing waits for a code.')
    if ((await whoBears(app, pending)) !== null) return true
    const others = [
      await fromApp(app, '/auth/refresh', { refresh_token: pending }),
      await fromApp(app, '/login/factor', { ...AS_APP, pending, code: '' }),
      await fromApp(app, '/login/again', { ...AS_APP, pending, password: PASSWORD }),
    ]
    for (const name of ['hf_sid_localhost', 'hf_pending_localhost']) {
      const headers = { cookie: `${name}=${pending}`, 'content-type': 'application/json' }
      others.push(await app.fetch('/auth/token', { method: 'POST', headers, body: JSON.stringify({ client: 'Phone' }) }))
    }
    return others.some((one) => tokensIn(one) !== undefined)
  },
})
