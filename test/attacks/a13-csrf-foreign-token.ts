import { defineAttack } from '../support/attack.ts'
import type { TestApp } from '../support/app.ts'
import { FORM } from '../support/browser.ts'

async function tokenFor(app: TestApp, cookie?: string): Promise<{ readonly token: string; readonly cookies: readonly string[] }> {
  const response = await app.fetch('/token', cookie === undefined ? {} : { headers: { cookie } })
  const { token } = JSON.parse(response.text) as { token: string | null }
  return { token: token ?? 'none', cookies: response.all('set-cookie').map((line) => line.split(';')[0]!) }
}

export default [
  defineAttack({
    id: 'A13',
    title: "sends the victim's cookie with a token of the attacker's own session",
    control: 'csrf',
    adapters: 'all',
    async succeeds(app) {
      const victim = await app.signIn('member', 'victim')
      const { token } = await tokenFor(app, (await app.signIn('member', 'attacker')).cookie)
      const headers = { cookie: victim.cookie, 'content-type': FORM, 'x-csrf-token': token }
      await app.fetch('/notes', { method: 'POST', headers, body: `text=owned&_csrf=${token}` })
      return app.state.notes.includes('owned')
    },
  }),
  defineAttack({
    id: 'A14',
    title: "plants the attacker's form cookie in the victim's browser, and sends the token that fits it",
    control: 'csrf',
    adapters: 'all',
    options: { csrf: { tokens: 'always' } },
    async succeeds(app) {
      const victim = await app.signIn('member', 'victim')
      const { token, cookies } = await tokenFor(app)
      const cookie = [...cookies, victim.cookie, ...cookies].join('; ')
      await app.fetch('/notes', {
        method: 'POST',
        headers: { cookie, 'content-type': FORM, 'x-csrf-token': token },
        body: 'text=owned',
      })
      return app.state.notes.includes('owned')
    },
  }),
]
