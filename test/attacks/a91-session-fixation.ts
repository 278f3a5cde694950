import { defineAttack } from '../support/attack.ts'
import { cookieOf, signInByForm, whoIs } from '../support/browser.ts'
import { endlessSessions } from '../support/weak-store.ts'

export default defineAttack({
  id: 'A91',
  title: 'plants a session in the browser of the victim, who then signs in, and goes on using it',
  control: 'session',
  without: { database: endlessSessions() },
  async succeeds(app) {
    await app.signIn('member', 'victim')
    const planted = await app.signIn('member', 'attacker')
    const after = cookieOf(await signInByForm(app, 'victim', { cookie: planted.cookie }))
    if (after === undefined || (await whoIs(app, after)) !== 'victim') throw new Error('The victim could not sign in.')
    const invented = `${planted.cookie.split('=')[0]}=${'A'.repeat(43)}`
    const again = cookieOf(await signInByForm(app, 'victim', { cookie: invented }))
    return after === planted.cookie || again === invented || (await whoIs(app, planted.cookie)) !== null
  },
})
