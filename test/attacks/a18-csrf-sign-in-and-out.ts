import { PASSWORD } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { cookieOf, crossSite, whoIs } from '../support/browser.ts'

export default [
  defineAttack({
    id: 'A18',
    title: "signs the victim's browser in as the attacker, from another site",
    control: 'csrf',
    adapters: 'all',
    async succeeds(app) {
      await app.signIn('member', 'attacker')
      const { cookie: _, ...headers } = crossSite('')
      const body = new URLSearchParams({ login: 'attacker', password: PASSWORD }).toString()
      return cookieOf(await app.fetch('/login', { method: 'POST', headers, body })) !== undefined
    },
  }),
  defineAttack({
    id: 'A18b',
    title: 'signs the victim out, from another site',
    control: 'csrf',
    adapters: 'all',
    async succeeds(app) {
      const { cookie } = await app.signIn('member')
      await app.fetch('/logout', { method: 'POST', headers: crossSite(cookie) })
      return (await whoIs(app, cookie)) === null
    },
  }),
]
