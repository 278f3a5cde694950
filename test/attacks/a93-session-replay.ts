import { defineAttack } from '../support/attack.ts'
import { sameOrigin, whoIs } from '../support/browser.ts'
import { endlessSessions } from '../support/weak-store.ts'

export default defineAttack({
  id: 'A93',
  title: 'copies a cookie, and uses it after its owner signed out',
  control: 'session',
  without: { database: endlessSessions() },
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    const { status } = await app.fetch('/logout', { method: 'POST', headers: sameOrigin(app, cookie) })
    if (status !== 303) throw new Error(`Signing out was answered with ${status}.`)
    const seen = () => app.events.some(({ type }) => type === 'session_use_after_expire')
    return (await whoIs(app, cookie)) !== null || !seen()
  },
})
