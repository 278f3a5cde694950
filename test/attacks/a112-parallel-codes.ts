import { defineAttack } from '../support/attack.ts'
import { codeStep, passwordStep, withAuthenticator } from '../support/second-factor-browser.ts'
import { forgetfulStore } from '../support/weak-store.ts'

const LIMIT = 5

export default defineAttack({
  id: 'A112',
  title: 'has the password, and tries a hundred codes at the same moment and of all kinds (L04)',
  control: 'signIn',
  without: { database: forgetfulStore(':fail:') },
  async succeeds(app) {
    await withAuthenticator(app)
    const { waiting } = await passwordStep(app)
    const guesses = Array.from({ length: 100 }, (_, n) =>
      n % 2 ? String(100_000 + n) : `AAAA-AAAA-AAAA-A${100 + n}`.slice(0, 19),
    )
    const answers = await Promise.all(guesses.map((guess) => codeStep(app, waiting, guess)))
    const evaluated = answers.filter(({ answer }) => answer.status === 401).length
    if (evaluated < LIMIT) throw new Error(`Only ${evaluated} of the first ${LIMIT} guesses were looked at.`)
    return evaluated > LIMIT
  },
})
