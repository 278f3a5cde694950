import { defineAttack } from '../support/attack.ts'
import { whoIs } from '../support/browser.ts'
import { mailBrowser, tokenInMail, withMailbox } from '../support/mail-browser.ts'

const options = { signIn: { magicLink: true, signUp: { mode: 'open', roles: ['member'] } } } as const
const BOUND = 'a link is bound to the browser that asked where it is made; no option makes one that is not'

export default [
  defineAttack({
    id: 'A136a',
    title: 'is a scanner of mail: follows the link before its reader, and signs in or uses it up by that',
    control: 'signIn',
    options,
    without: { heldBy: 'design', why: 'the page of a link shows a button, and only the form behind it does something' },
    async succeeds(app) {
      await withMailbox(app)
      const [owner, scanner] = [mailBrowser(app), mailBrowser(app)]
      await owner.post('/login/link', { login: 'ada' })
      const path = `/login/link/open?token=${await tokenInMail(app)}`
      for (let count = 0; count < 3; count++) await scanner.get(path)
      await app.fetch(path, { method: 'HEAD' })
      for (let count = 0; count < 3; count++) await owner.get(path)
      if (scanner.session() !== undefined || owner.session() !== undefined) return true
      await owner.post('/login/link/open', { token: path.split('=')[1]! })
      return owner.session() === undefined
    },
  }),
  defineAttack({
    id: 'A136b',
    title: 'reads the victim’s mail, and opens the link that the victim asked for',
    control: 'signIn',
    options,
    without: { heldBy: 'design', why: BOUND },
    async succeeds(app) {
      await withMailbox(app)
      const [victim, eve] = [mailBrowser(app), mailBrowser(app)]
      await victim.post('/login/link', { login: 'ada' })
      const token = await tokenInMail(app)
      await eve.post('/login/link', { login: 'nobody' })
      await eve.post('/login/link/open', { token })
      return eve.session() !== undefined
    },
  }),
  defineAttack({
    id: 'A136c',
    title: 'sends the victim a link to the attacker’s own account, so that what the victim writes next stands there',
    control: 'signIn',
    options,
    without: { heldBy: 'design', why: BOUND },
    async succeeds(app) {
      await withMailbox(app, 'eve')
      const [eve, victim] = [mailBrowser(app), mailBrowser(app)]
      await eve.post('/login/link', { login: 'eve' })
      const token = await tokenInMail(app)
      await victim.get(`/login/link/open?token=${token}`)
      await victim.post('/login/link/open', { token })
      const session = victim.session()
      return session !== undefined && (await whoIs(app, `hf_sid_localhost=${session}`)) === 'eve'
    },
  }),
  defineAttack({
    id: 'A136d',
    title: 'brings the link of another letter to the door of links that sign in (L39)',
    control: 'signIn',
    options,
    without: { heldBy: 'design', why: 'the purpose stands in every question for a link; no option leaves it out' },
    async succeeds(app) {
      await withMailbox(app)
      const eve = mailBrowser(app)
      await eve.post('/login/link', { login: 'ada' })
      await app.mails()
      await eve.post('/sign-up', { address: 'eve@example.org' })
      const token = await tokenInMail(app)
      if ((await eve.get(`/sign-up/finish?token=${token}`)).status !== 200) throw new Error('The letter has no good link.')
      await eve.post('/login/link/open', { token })
      return eve.session() !== undefined
    },
  }),
]
