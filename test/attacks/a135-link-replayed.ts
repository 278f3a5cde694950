import { defineAttack } from '../support/attack.ts'
import { mailBrowser, tokenInMail, withMailbox } from '../support/mail-browser.ts'
import { endlessLinks } from '../support/weak-links.ts'
import { reusableLinks } from '../support/weak-mail.ts'

const options = { signIn: { magicLink: true } } as const
const LIFE = 900_000

export default [
  defineAttack({
    id: 'A135a',
    title: 'sits at the browser that was left, and opens the link once more, twenty times at once (L25)',
    control: 'signIn',
    options,
    without: { database: reusableLinks() },
    async succeeds(app) {
      await withMailbox(app)
      const owner = mailBrowser(app)
      await owner.post('/login/link', { login: 'ada' })
      const token = await tokenInMail(app)
      const bound = owner.cookies.get('hf_link_localhost')!
      await owner.post('/login/link/open', { token })
      if (owner.session() === undefined) throw new Error('The owner cannot come in either.')
      const others = Array.from({ length: 20 }, () => mailBrowser(app))
      for (const one of others) one.cookies.set('hf_link_localhost', bound)
      await Promise.all(others.map((one) => one.post('/login/link/open', { token })))
      return others.some((one) => one.session() !== undefined)
    },
  }),
  defineAttack({
    id: 'A135b',
    title: 'finds an old letter and the browser that asked for it, and opens the link (L35)',
    control: 'signIn',
    options,
    without: { database: endlessLinks() },
    async succeeds(app) {
      await withMailbox(app)
      const browser = mailBrowser(app)
      await browser.post('/login/link', { login: 'ada' })
      const token = await tokenInMail(app)
      app.clock.advance(LIFE)
      await browser.post('/login/link/open', { token })
      return browser.session() !== undefined
    },
  }),
]
