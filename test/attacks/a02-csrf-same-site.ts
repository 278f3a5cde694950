import { defineAttack } from '../support/attack.ts'
import { crossSite } from '../support/browser.ts'

export default defineAttack({
  id: 'A02',
  title: 'a page on a sibling domain posts: same site, another origin',
  control: 'csrf',
  adapters: 'all',
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    const headers = { ...crossSite(cookie), 'sec-fetch-site': 'same-site', origin: `http://sub.localhost:${app.port}` }
    await app.fetch('/notes', { method: 'POST', headers, body: 'text=owned' })
    return app.state.notes.includes('owned')
  },
})
