import { defineAttack } from '../support/attack.ts'
import { crossSite } from '../support/browser.ts'

const SPELLINGS = ['/foo/../webhook', '//webhook', '/%77ebhook', '/webhook/', '/WEBHOOK', '/Webhook', '/webhook;x', '/./webhook']

export default defineAttack({
  id: 'A12',
  title: 'reaches a handler by a spelling of its path that an exemption might match',
  control: 'csrf',
  adapters: ['express'], // the one whose router takes other spellings: /WEBHOOK and /webhook/
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    for (const path of SPELLINGS) await app.fetch(path, { method: 'POST', headers: crossSite(cookie), body: 'text=owned' })
    return app.state.notes.includes('owned')
  },
})
