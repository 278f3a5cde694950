import { defineAttack } from '../support/attack.ts'
import { whoIs } from '../support/browser.ts'
import { codeStep, passwordStep, withAuthenticator } from '../support/second-factor-browser.ts'
import { forgetfulFactors } from '../support/weak-store.ts'

export default defineAttack({
  id: 'A111',
  title: 'has the password, watches a code being typed, and types it again (L15)',
  control: 'signIn',
  without: { database: forgetfulFactors() },
  async succeeds(app) {
    const { code } = await withAuthenticator(app)
    const watched = code()
    const owner = await codeStep(app, (await passwordStep(app)).waiting, watched)
    if (owner.cookie === undefined) throw new Error(`The owner was answered ${owner.answer.status}.`)
    const { cookie } = await codeStep(app, (await passwordStep(app)).waiting, watched)
    return cookie !== undefined && (await whoIs(app, cookie)) === 'victim'
  },
})
