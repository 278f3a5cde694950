import { defineAttack } from '../support/attack.ts'
import { lastLink, postForm, reachableMember } from '../support/recovery.ts'
import { enrol, STEP } from '../support/second-factor.ts'
import { passwordStep } from '../support/second-factor-browser.ts'
import { endlessRecoveries } from '../support/weak-store.ts'

const HOUR = 3_600_000

export default defineAttack({
  id: 'A148',
  title: 'has the password and reads the mail, and has the second factor removed although its owner stopped that, or at once',
  control: 'signIn',
  options: { signIn: { recovery: { lostFactor: true } } },
  without: { database: endlessRecoveries() },
  async succeeds(app) {
    const { cookie, userId } = await reachableMember(app)
    await enrol(app.holdfast.accounts, cookie.split('=')[1]!, app.clock.now)
    app.clock.advance(STEP)
    const { waiting } = await passwordStep(app)
    await app.mails()
    const asked = await postForm(app, '/login/recover/factor', {}, waiting)
    if (asked.status !== 202) throw new Error(`It could not be asked for: ${asked.status}`)
    const { token } = await lastLink(app)
    const has = async () => (await app.holdfast.accounts.factors.of(userId)).kinds.length > 0
    // At once, with the only link there is.
    await postForm(app, '/login/recover/factor/remove', { token })
    if (!(await has())) return true
    await postForm(app, '/login/recover/factor/cancel', { token })
    for (let day = 0; day < 8; day++) {
      app.clock.advance(24 * HOUR)
      await app.holdfast.accounts.recoveries.sweep(app.clock.now())
      for (const letter of await app.mails()) {
        const link = /\/login\/recover\/factor\/remove\?token=([\w-]+)/.exec(letter.text)?.[1]
        if (link !== undefined) await postForm(app, '/login/recover/factor/remove', { token: link })
      }
    }
    return !(await has())
  },
})
