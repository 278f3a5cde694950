import { defineAttack } from '../support/attack.ts'
import { mailBrowser, withMailbox } from '../support/mail-browser.ts'
import { endlessRates } from '../support/weak-links.ts'

export default defineAttack({
  id: 'A138',
  title: 'floods a mailbox with links and codes, by every name and spelling of its owner (L84)',
  control: 'signIn',
  options: { signIn: { magicLink: true, emailCode: true } },
  without: { database: endlessRates() },
  async succeeds(app) {
    await withMailbox(app)
    for (const login of ['ada', 'ADA', 'ada@example.org', 'Ada@EXAMPLE.org', ' ada ']) {
      for (const path of ['/login/link', '/login/code']) await mailBrowser(app).post(path, { login })
    }
    return (await app.mails()).length > 3
  },
})
