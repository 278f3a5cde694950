import { defineAttack } from '../support/attack.ts'
import { signInByForm } from '../support/browser.ts'
import { cookieNamed } from '../support/remembering-browser.ts'
import { counted } from '../support/counted-hashing.ts'
import { forgetfulStore } from '../support/weak-store.ts'

const LIMIT = 5
const work = counted()
const from = (address: string) => ({ 'x-forwarded-for': address })

export default defineAttack({
  id: 'A44',
  title: 'guesses at one account from a hundred addresses, or locks its owner out with them',
  control: 'signIn',
  options: { client: { trustedProxies: ['loopback'] }, passwords: { hashing: work.hashing } },
  without: { database: forgetfulStore() },
  async succeeds(app) {
    await app.signIn('member', 'victim')
    const home = from('198.51.100.1')
    const first = await signInByForm(app, 'victim', { headers: home })
    if (first.status !== 303) throw new Error(`The owner was answered with ${first.status}.`)
    const cookie = cookieNamed(first, 'hf_known')
    const before = work.count()
    for (let n = 1; n <= 100; n++) {
      await signInByForm(app, 'victim', { password: `the wrong password number ${n}`, headers: from(`203.0.113.${n}`) })
    }
    const evaluated = work.count() - before
    const owner = await signInByForm(app, 'victim', { headers: home, cookie })
    app.clock.advance(15 * 60_000)
    const elsewhere = await signInByForm(app, 'victim', { headers: from('198.51.100.77') })
    return evaluated > LIMIT || owner.status !== 303 || elsewhere.status !== 303
  },
})
