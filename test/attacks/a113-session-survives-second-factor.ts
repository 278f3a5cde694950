import { defineAttack } from '../support/attack.ts'
import { cookieOf, whoIs } from '../support/browser.ts'
import { enrol } from '../support/second-factor.ts'
import { passwordStep } from '../support/second-factor-browser.ts'
import { endlessSessions } from '../support/weak-store.ts'

export default defineAttack({
  id: 'A113',
  title: 'stays signed in with the password alone after the owner enrolled a second factor (L08)',
  control: 'session',
  without: { database: endlessSessions() },
  async succeeds(app) {
    const own = await app.signIn('member', 'victim')
    const stolen = cookieOf((await passwordStep(app)).answer)
    if (stolen === undefined) throw new Error('The thief could not sign in before.')
    await enrol(app.holdfast.accounts, own.cookie.split('=')[1]!, app.clock.now)
    return (await whoIs(app, stolen)) !== null
  },
})
