import { defineAttack } from '../support/attack.ts'
import { signInByForm } from '../support/browser.ts'
import { cookieNamed } from '../support/remembering-browser.ts'

const WRONG = { password: 'not the right password' }

/** From the owner's own network, where the counts of networks are no help either. */
export default defineAttack({
  id: 'A180',
  title: 'uses up all attempts, so that the owner cannot sign in where they always do, not even after signing out (L27, L85)',
  control: 'signIn',
  without: { heldBy: 'design', why: 'whose count a guess is taken from is no option' },
  async succeeds(app) {
    await app.signIn('member', 'victim')
    const known = cookieNamed(await signInByForm(app, 'victim'), 'hf_known')
    for (let n = 1; n <= 30; n++) await signInByForm(app, 'victim', WRONG)
    for (let n = 1; n <= 30; n++) await signInByForm(app, `somebody-${n}`, WRONG)
    const stranger = await signInByForm(app, 'victim')
    if (stranger.status !== 429) throw new Error(`The account is not even locked: ${stranger.status}.`)
    return (await signInByForm(app, 'victim', { cookie: known })).status !== 303
  },
})
