import { defineAttack } from '../support/attack.ts'
import { cookieOf, sameOrigin, whoIs } from '../support/browser.ts'
import { passwordStep, withAuthenticator } from '../support/second-factor-browser.ts'
import { noFactors } from '../support/weak-store.ts'

/** The names under which a server might take a value for a session. */
const NAMES = ['hf_sid_localhost', '__Host-hf_sid', 'hf_pending_localhost', 'hf_form_localhost']

export default defineAttack({
  id: 'A110',
  title: 'has the password of somebody with a second factor, and uses what the first step gave as a session (L01, L03)',
  control: 'signIn',
  without: { database: noFactors() },
  async succeeds(app) {
    await withAuthenticator(app)
    const { answer, waiting } = await passwordStep(app)
    const direct = cookieOf(answer)
    if (direct !== undefined) return (await whoIs(app, direct)) === 'victim'
    if (waiting === '') throw new Error('The password was right, and nothing waits for a code.')
    const value = waiting.split('=')[1]!
    for (const name of NAMES) {
      const cookie = `${name}=${value}`
      if ((await whoIs(app, cookie)) !== null) return true
      const again = await app.fetch('/login/again', {
        method: 'POST',
        headers: sameOrigin(app, cookie),
        body: 'password=a+walrus+sings+at+four',
      })
      if (cookieOf(again) !== undefined) return true
      const enrolment = await app.fetch('/account/factors/totp', { headers: { cookie, accept: 'application/json' } })
      if (enrolment.status === 200) return true
    }
    return false
  },
})
