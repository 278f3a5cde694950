import { defineAttack } from '../support/attack.ts'
import { whoIs } from '../support/browser.ts'
import { cookieNamed, signInTicking, visit } from '../support/remembering-browser.ts'
import { forgetfulBrowsers } from '../support/weak-store.ts'

const DAY = 86_400_000

export default defineAttack({
  id: 'A170',
  title: 'copies a stay-signed-in cookie, and uses it after its owner did (L26)',
  control: 'session',
  options: { signIn: { remember: {} } },
  without: { database: forgetfulBrowsers() },
  async succeeds(app) {
    await app.signIn('member', 'victim')
    const stolen = cookieNamed(await signInTicking(app, { remember: 'on' }), 'hf_remember')
    app.clock.advance(DAY)
    const owner = await visit(app, stolen)
    if (owner.session === undefined) throw new Error('The owner was not signed in.')
    app.clock.advance(60_000)
    const thief = await visit(app, stolen)
    const told = app.events.some(({ type }) => type === 'authn_remember_reused')
    const family = (await whoIs(app, owner.session)) === null && (await visit(app, owner.next)).session === undefined
    return thief.session !== undefined || !told || !family
  },
})
