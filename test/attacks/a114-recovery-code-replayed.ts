import { defineAttack } from '../support/attack.ts'
import { codeStep, passwordStep, withAuthenticator } from '../support/second-factor-browser.ts'
import { endlessRecoveryCodes } from '../support/weak-store.ts'

export default defineAttack({
  id: 'A114',
  title: 'has the password and a recovery code that was used, and sends it twenty times at once (L23)',
  control: 'signIn',
  without: { database: endlessRecoveryCodes() },
  async succeeds(app) {
    const { recoveryCodes } = await withAuthenticator(app)
    const [used] = recoveryCodes
    const owner = await codeStep(app, (await passwordStep(app)).waiting, used!)
    if (owner.cookie === undefined) throw new Error(`The owner was answered ${owner.answer.status}.`)
    const waiting: string[] = []
    for (let n = 0; n < 20; n++) waiting.push((await passwordStep(app)).waiting)
    const answers = await Promise.all(waiting.map((cookie) => codeStep(app, cookie, used!)))
    return answers.some(({ cookie }) => cookie !== undefined)
  },
})
