import { defineAttack } from '../support/attack.ts'
import { cookieOf, signInByForm } from '../support/browser.ts'
import { race } from '../support/race.ts'
import { NEW_PASSWORD, postForm, reachableMember, recoveryLink } from '../support/recovery.ts'
import { endlessLinks } from '../support/weak-store.ts'

export default defineAttack({
  id: 'A146',
  title: 'finds the link of a letter after its owner used it, or uses it with twenty others at the same moment (L22, L25)',
  control: 'signIn',
  without: { database: endlessLinks() },
  async succeeds(app) {
    await reachableMember(app)
    const { token } = await recoveryLink(app)
    const choose = (password: string) => postForm(app, '/login/recover/password', { token, password, passwordAgain: password })
    const answers = await race(20, (i) => choose(`${NEW_PASSWORD} ${i}`))
    const set = answers.filter(({ status }) => status === 303).length
    if (set === 0) throw new Error('The link set no password at all.')
    await choose('the attacker likes this one')
    const after = await signInByForm(app, 'victim', { password: 'the attacker likes this one' })
    return set > 1 || cookieOf(after) !== undefined
  },
})
