import { defineAttack } from '../support/attack.ts'
import { crossSite } from '../support/browser.ts'
import { TOKENS } from '../support/tokens.ts'

export default defineAttack({
  id: 'A169',
  title: 'lets the browser of somebody who is signed in fetch tokens, by a form or a link on another site (L72)',
  control: 'csrf',
  adapters: 'all',
  options: TOKENS,
  async succeeds(app) {
    const { cookie, userId } = await app.signIn('member', 'victim')
    const body = 'client=Yours'
    const answers = [
      await app.fetch(`/auth/token?${body}`, { headers: { cookie } }),
      await app.fetch('/auth/token', { method: 'POST', headers: crossSite(cookie), body }),
    ]
    const apps = await app.holdfast.accounts.tokens.list(userId, app.clock.now())
    return apps.length > 0 || answers.some(({ text }) => text.includes('access_token'))
  },
})
