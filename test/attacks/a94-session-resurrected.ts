import { defineAttack } from '../support/attack.ts'
import { sameOrigin, whoIs } from '../support/browser.ts'
import { endlessSessions } from '../support/weak-store.ts'

export default defineAttack({
  id: 'A94',
  title: 'lets a slow request write its session back after the sign-out',
  control: 'session',
  without: { database: endlessSessions() },
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    const token = cookie.split('=')[1]!
    const { sessions } = app.holdfast.accounts
    const now = Date.now()
    const read = await sessions.find(token, now)
    if (!read.ok) throw new Error('The slow request found no session.')
    await app.fetch('/logout', { method: 'POST', headers: sameOrigin(app, cookie) })
    const written = await sessions.write(token, read.session.version, { slow: true }, now)
    return written || (await whoIs(app, cookie)) !== null
  },
})
