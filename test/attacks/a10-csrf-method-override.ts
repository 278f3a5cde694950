import { defineAttack } from '../support/attack.ts'
import { crossSite } from '../support/browser.ts'

const OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override']

export default defineAttack({
  id: 'A10',
  title: 'calls a POST a GET by header, query or field, or makes it a DELETE',
  control: 'csrf',
  adapters: 'all',
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    for (const method of ['GET', 'DELETE']) {
      const overrides = Object.fromEntries(OVERRIDES.map((name) => [name, method]))
      const headers = { ...crossSite(cookie), ...overrides }
      await app.fetch(`/notes?_method=${method}`, { method: 'POST', headers, body: `_method=${method}&text=owned` })
    }
    return app.state.notes.length > 0
  },
})
