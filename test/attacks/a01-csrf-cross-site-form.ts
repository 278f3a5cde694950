import { defineAttack } from '../support/attack.ts'
import { crossSite } from '../support/browser.ts'

export default defineAttack({
  id: 'A01',
  title: 'a form on another site posts with the cookie of the victim',
  control: 'csrf',
  adapters: 'all',
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    await app.fetch('/notes', { method: 'POST', headers: crossSite(cookie), body: 'text=owned' })
    return app.state.notes.includes('owned')
  },
})
