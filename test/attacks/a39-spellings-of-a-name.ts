import { defineAttack } from '../support/attack.ts'
import { signInByForm } from '../support/browser.ts'
import { counted } from '../support/counted-hashing.ts'
import { forgetfulStore } from '../support/weak-store.ts'

const LIMIT = 5
const SPELLINGS = ['zoé', 'ZOÉ', ' zoé ', 'zoe\u0301', 'Zoe\u0301', 'ｚｏé', '\tzoé', 'zOÉ']
const work = counted()

export default defineAttack({
  id: 'A39',
  title: 'gets a fresh limit for each spelling of a name',
  control: 'signIn',
  options: { passwords: { hashing: work.hashing } },
  without: { database: forgetfulStore() },
  async succeeds(app) {
    await app.signIn('member', 'zoé')
    for (const login of SPELLINGS) {
      const { status } = await signInByForm(app, login, { headers: { 'x-spelling': encodeURIComponent(login) } })
      if (status !== 303) throw new Error(`${JSON.stringify(login)} does not name the account: ${status}.`)
    }
    const before = work.count()
    for (const login of SPELLINGS) {
      for (let n = 0; n < 3; n++) await signInByForm(app, login, { password: `the wrong password number ${n}` })
    }
    return work.count() - before > LIMIT
  },
})
