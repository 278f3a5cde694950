import { defineAttack } from '../support/attack.ts'
import { crossSite } from '../support/browser.ts'

export default defineAttack({
  id: 'A11',
  title: 'uses a method that a list of dangerous methods forgot',
  control: 'csrf',
  adapters: 'all',
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    for (const method of ['PUT', 'PATCH', 'DELETE', 'QUERY', 'PROPFIND', 'TRACE', 'LINK']) {
      await app.fetch('/notes', { method, headers: { ...crossSite(cookie), 'content-length': '10' }, body: 'text=owned' })
    }
    return app.state.notes.length > 0
  },
})
