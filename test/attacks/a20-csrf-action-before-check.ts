import { defineAttack } from '../support/attack.ts'
import { crossSite } from '../support/browser.ts'

export default defineAttack({
  id: 'A20',
  title: 'counts on the handler having acted before the answer says no',
  control: 'csrf',
  adapters: 'all',
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      await app.fetch('/notes', { method, headers: { ...crossSite(cookie), 'content-length': '10' }, body: 'text=owned' })
    return Object.keys(app.state.hits).some((route) => route.endsWith(' /notes'))
  },
})
