import { defineAttack } from '../support/attack.ts'
import { signInByForm } from '../support/browser.ts'
import { counted } from '../support/counted-hashing.ts'
import { forgetfulStore } from '../support/weak-store.ts'

const LIMIT = 5
const work = counted()

export default defineAttack({
  id: 'A38',
  title: 'guesses a hundred passwords at the same moment, before the first failure is counted',
  control: 'signIn',
  options: { passwords: { hashing: work.hashing } },
  without: { database: forgetfulStore() },
  async succeeds(app) {
    await app.holdfast.accounts.users.create({ login: 'victim' }, { kind: 'system', id: 'test' })
    const before = work.count()
    const guesses = Array.from({ length: 100 }, (_, n) =>
      signInByForm(app, 'victim', { password: `the wrong password number ${n}` }),
    )
    const answers = await Promise.all(guesses)
    const evaluated = work.count() - before
    if (evaluated < LIMIT) throw new Error(`Only ${evaluated} of the first ${LIMIT} guesses were looked at.`)
    return evaluated > LIMIT || answers.filter(({ status }) => status === 401).length > LIMIT
  },
})
