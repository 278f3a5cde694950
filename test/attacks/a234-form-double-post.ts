import { defineAttack } from '../support/attack.ts'
import { openPayment } from '../support/form-attacks.ts'
import { postForm } from '../support/form-client.ts'
import { race } from '../support/race.ts'

export default defineAttack({
  id: 'A234',
  title: 'sends a payment twenty times at once, and again later (CWE-837)',
  control: 'forms',
  adapters: 'all',
  without: {
    heldBy: 'design',
    why: 'a form that is good once has a token, which the store uses up in one step; the route that trusts pays twenty times',
  },
  async succeeds(app) {
    const { accepted } = app.state.forms
    await race(20, () => postForm(app, '/trusting', { to: 'Eve' }))
    if (accepted.splice(0).length !== 20) throw new Error('It did not succeed where everything is trusted.')
    const { hidden, cookie } = await openPayment(app)
    const answers = await race(20, () => postForm(app, '/payment', { ...hidden, to: 'Eve' }, cookie))
    if (!answers.some(({ status }) => status === 200)) throw new Error('Nobody could pay at all.')
    app.clock.advance(29 * 60_000)
    await postForm(app, '/payment', { ...hidden, to: 'Eve' }, cookie)
    app.clock.advance(86_400_000)
    await postForm(app, '/payment', { ...hidden, to: 'Eve' }, cookie)
    return accepted.length !== 1
  },
})
