import { defineAttack } from '../support/attack.ts'
import { cookieOf, sameOrigin } from '../support/browser.ts'
import { cookieNamed, signInTicking } from '../support/remembering-browser.ts'
import { passwordStep, withAuthenticator } from '../support/second-factor-browser.ts'

/** The attacker's own trusted device, with the password of the victim. */
export default defineAttack({
  id: 'A172',
  title: 'has the password of somebody else, and a device that is trusted for their own account (L110)',
  control: 'signIn',
  options: { signIn: { trustedDevice: {} } },
  without: { heldBy: 'design', why: 'whose device it is stands in the row that the cookie names; no option takes that away' },
  async succeeds(app) {
    await withAuthenticator(app)
    const mallory = await withAuthenticator(app, 'mallory')
    const { waiting } = await passwordStep(app, 'mallory')
    const body = new URLSearchParams({ code: mallory.code(), trust: 'on' }).toString()
    const answer = await app.fetch('/login/factor', { method: 'POST', headers: sameOrigin(app, waiting), body })
    const device = cookieNamed(answer, 'hf_trust')
    const own = await signInTicking(app, { login: 'mallory' }, device)
    if (cookieOf(own) === undefined) throw new Error('The device is not even trusted for its own user.')
    return cookieOf(await signInTicking(app, {}, device)) !== undefined
  },
})
