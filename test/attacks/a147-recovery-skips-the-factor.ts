import { defineAttack } from '../support/attack.ts'
import { cookieOf, signInByForm, whoIs } from '../support/browser.ts'
import { NEW_PASSWORD, postForm, reachableMember, recoveryLink } from '../support/recovery.ts'
import { enrol, STEP } from '../support/second-factor.ts'
import { noFactors } from '../support/weak-store.ts'

export default defineAttack({
  id: 'A147',
  title: 'reads the mail of somebody with a second factor, and gets in by a new password alone (L01, L07)',
  control: 'signIn',
  without: { database: noFactors() },
  async succeeds(app) {
    const { cookie } = await reachableMember(app)
    await enrol(app.holdfast.accounts, cookie.split('=')[1]!, app.clock.now)
    app.clock.advance(STEP)
    const { token } = await recoveryLink(app)
    const fields = { token, password: NEW_PASSWORD, passwordAgain: NEW_PASSWORD }
    const set = await postForm(app, '/login/recover/password', fields)
    if (set.status !== 303) throw new Error(`The link set no password: ${set.status}`)
    for (const answer of [set, await signInByForm(app, 'victim', { password: NEW_PASSWORD })]) {
      const held = cookieOf(answer)
      if (held !== undefined && (await whoIs(app, held)) === 'victim') return true
    }
    return false
  },
})
