import { defineAttack } from '../support/attack.ts'
import { FORM } from '../support/browser.ts'

export default defineAttack({
  id: 'A03',
  title: 'a sandboxed frame posts with Origin: null, in a browser without Sec-Fetch-Site',
  control: 'csrf',
  adapters: 'all',
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    await app.fetch('/notes', { method: 'POST', headers: { cookie, origin: 'null', 'content-type': FORM }, body: 'text=owned' })
    return app.state.notes.includes('owned')
  },
})
