import { defineAttack } from '../support/attack.ts'
import { signInByForm } from '../support/browser.ts'
import { counted } from '../support/counted-hashing.ts'
import { forgetfulStore } from '../support/weak-store.ts'

const work = counted()
/** Five between any two waits, of which the later ones last a quarter of an hour. */
const MOST = 75

export default defineAttack({
  id: 'A184',
  title: 'guesses at one account every half minute for two hours, each time from another network',
  control: 'signIn',
  options: { client: { trustedProxies: ['loopback'] }, passwords: { hashing: work.hashing } },
  without: { database: forgetfulStore() },
  async succeeds(app) {
    await app.signIn('member', 'victim')
    const before = work.count()
    for (let n = 0; n < 240; n++) {
      const headers = { 'x-forwarded-for': `203.0.${n >> 7}.${n & 127}` }
      await signInByForm(app, 'victim', { password: `the wrong password number ${n}`, headers })
      app.clock.advance(30_000)
    }
    return work.count() - before > MOST
  },
})
