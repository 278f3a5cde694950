/** A link on another site, or an image, asks for addresses that might change something. Top-level GETs carry the Lax cookie. */
import { defineAttack } from '../support/attack.ts'

/** The kit's own pages that change something when they are posted to, and the application's. */
const ADDRESSES = [
  '/logout',
  '/logout?everywhere=on',
  '/account/sessions/end?session=all',
  '/account/sessions/end-others',
  '/account/sessions/end-everywhere',
  '/login?login=mallory&password=mallory-mallory-1',
  '/setup?code=0000-0000-0000',
  '/notes?text=owned',
  '/notes/delete?id=1',
]

export default defineAttack({
  id: 'A19',
  title: 'a link changes something, because a page of the kit acts on GET',
  control: 'signIn',
  adapters: 'all',
  without: {
    heldBy: 'design',
    why: 'the kit acts on POST only; what an application does on GET is its own, and SECURITY.md says so',
  },
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    const navigation = { cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    for (const address of ADDRESSES) {
      for (const method of ['GET', 'HEAD']) await app.fetch(address, { method, headers: navigation })
    }
    const after = await app.fetch('/me', { headers: { cookie } })
    return after.status !== 200 || app.state.notes.length > 0
  },
})
