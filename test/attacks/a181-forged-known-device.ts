import { defineAttack } from '../support/attack.ts'
import { signInByForm } from '../support/browser.ts'
import { counted } from '../support/counted-hashing.ts'
import { cookieNamed } from '../support/remembering-browser.ts'
import { forgetfulStore } from '../support/weak-store.ts'

const LIMIT = 5
const work = counted()

export default defineAttack({
  id: 'A181',
  title: 'guesses with cookies of known browsers: made up, changed, and those of an account of their own (L110)',
  control: 'signIn',
  options: { passwords: { hashing: work.hashing } },
  without: { database: forgetfulStore() },
  async succeeds(app) {
    await app.signIn('member', 'victim')
    await app.signIn('member', 'mallory')
    const own = cookieNamed(await signInByForm(app, 'mallory'), 'hf_known')
    if (own === '') throw new Error('The browser that signed in holds nothing.')
    const [name, text] = own.split('=') as [string, string]
    const [issued, device, ...mac] = text.split('.') as [string, string, ...string[]]
    const held = [
      own,
      `${name}=`,
      `${name}=x.y.z`,
      `${name}=${[issued, device.toLowerCase(), ...mac].join('.')}`,
      `${own}; ${own}`,
    ]
    const before = work.count()
    for (let n = 0; n < 20; n++) {
      await signInByForm(app, 'victim', { password: `the wrong password number ${n}`, cookie: held[n % held.length]! })
    }
    return work.count() - before > LIMIT
  },
})
