import { defineAttack } from '../support/attack.ts'
import { idp, linkedUser, withProvider } from '../support/attack-provider.ts'
import { enrol } from '../support/second-factor.ts'
import { wanderer } from '../support/provider.ts'
import { noFactors } from '../support/weak-store.ts'

export default defineAttack({
  id: 'A159',
  title: 'has the account at the provider of somebody with a second factor here, and comes in by it (L01)',
  control: 'signIn',
  options: withProvider,
  without: { database: noFactors() },
  async succeeds(app) {
    const { cookie } = await linkedUser(app, 'victim')
    await enrol(app.holdfast.accounts, cookie.split('=')[1]!, app.clock.now)
    const browser = wanderer(app)
    await browser.comeBack(idp.visit(await browser.leave()))
    if ((await browser.who()) !== null) return true
    // Nothing that the browser was given on the way opens anything.
    for (const [, value] of browser.cookies) if ((await wanderer(app, `hf_sid_localhost=${value}`).who()) !== null) return true
    return false
  },
})
