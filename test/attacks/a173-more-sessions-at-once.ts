import { defineAttack } from '../support/attack.ts'
import { cookieOf, whoIs } from '../support/browser.ts'
import { signInTicking } from '../support/remembering-browser.ts'

export default defineAttack({
  id: 'A173',
  title: 'signs in ten times at the same moment, where one session is allowed (L25)',
  control: 'session',
  options: { session: { concurrent: { max: 1 } } },
  without: { session: {} },
  async succeeds(app) {
    await app.signIn('member', 'victim')
    const answers = await Promise.all(Array.from({ length: 10 }, () => signInTicking(app, {})))
    const cookies = answers.flatMap((answer) => cookieOf(answer) ?? [])
    if (cookies.length === 0) throw new Error('Nobody was signed in.')
    const living = await Promise.all(cookies.map((cookie) => whoIs(app, cookie)))
    return living.filter((login) => login !== null).length > 1
  },
})
