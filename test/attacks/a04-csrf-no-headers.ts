import { defineAttack } from '../support/attack.ts'
import { FORM } from '../support/browser.ts'

export default defineAttack({
  id: 'A04',
  title: 'a request says nothing of where it comes from, and carries a session without its token',
  control: 'csrf',
  adapters: 'all',
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    const { token } = JSON.parse((await app.fetch('/token', { headers: { cookie } })).text) as { token: string | null }
    if (token !== null) {
      const honest = { cookie, 'content-type': FORM, 'x-csrf-token': token }
      const { status } = await app.fetch('/notes', { method: 'POST', headers: honest, body: 'text=honest' })
      if (status !== 200) throw new Error(`The right token was answered with ${status}.`)
    }
    await app.fetch('/notes', { method: 'POST', headers: { cookie, 'content-type': FORM }, body: 'text=owned' })
    return app.state.notes.includes('owned')
  },
})
