import { defineAttack } from '../support/attack.ts'
import { idp, linkedUser, withProvider } from '../support/attack-provider.ts'
import { race } from '../support/race.ts'
import { wanderer } from '../support/provider.ts'
import { endlessValues } from '../support/weak-store.ts'

export default defineAttack({
  id: 'A157',
  title: 'uses the answer of a provider a second time, at once or later, in a browser that was left signed out (L31)',
  control: 'signIn',
  options: withProvider,
  without: { database: endlessValues() },
  async succeeds(app) {
    await linkedUser(app, 'victim')
    const browser = wanderer(app)
    const back = idp.visit(await browser.leave())
    const answers = await race(8, () => browser.comeBack(back))
    const first = answers.filter(({ status }) => status === 303).length
    if (first === 0) throw new Error('The answer was good for nobody.')
    await browser.post('/logout')
    await browser.comeBack(back)
    return first > 1 || (await browser.who()) !== null
  },
})
