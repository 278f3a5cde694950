import { defineAttack } from '../support/attack.ts'
import { FORM } from '../support/browser.ts'
import { KEYS, userWithKey } from '../support/keys.ts'

export default defineAttack({
  id: 'A126',
  title: 'lets the browser of somebody who opened the site with Basic and a key send a form of another site',
  control: 'csrf',
  adapters: 'all',
  options: KEYS,
  async succeeds(app) {
    const { text } = await userWithKey(app, 'member', 'ada')
    const authorization = `Basic ${Buffer.from(`:${text}`).toString('base64')}`
    if ((await app.fetch('/me', { headers: { authorization } })).status !== 200) throw new Error('The key does not work at all.')
    const headers = { authorization, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', 'content-type': FORM }
    await app.fetch('/notes', { method: 'POST', headers, body: 'text=owned' })
    return app.state.notes.length > 0
  },
})
