import { PASSWORD } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { cookieOf, signInByForm } from '../support/browser.ts'
import { askFor, letterLink, makeAccount, OPEN, post, VICTIM } from '../support/newcomers.ts'
import { endlessLinks } from '../support/weak-links.ts'

const DAY = 86_400_000

export default [
  defineAttack({
    id: 'A140a',
    title: "makes an account with the victim's address first, and waits in it for the victim to come (L41)",
    control: 'signIn',
    options: OPEN,
    without: {
      heldBy: 'design',
      why: 'a request for an account takes no password and makes no user; no option makes one before the letter was read',
    },
    async succeeds(app) {
      await app.signIn('admin', 'host')
      const own = { address: VICTIM, password: PASSWORD, passwordAgain: PASSWORD, displayName: 'Eve' }
      await post(app, '/sign-up', own)
      for (const token of ['', '0', VICTIM]) await post(app, '/sign-up/finish', { token, ...own })
      if ((await app.holdfast.accounts.users.count()) > 1) return true
      // The victim comes, with a password of their own; the attacker's lets nobody in.
      const made = await makeAccount(app, await letterLink(app), {
        password: 'seven otters on a raft',
        passwordAgain: 'seven otters on a raft',
      })
      if (cookieOf(made) === undefined) throw new Error('The victim has no account at all.')
      return cookieOf(await signInByForm(app, VICTIM)) !== undefined
    },
  }),
  defineAttack({
    id: 'A140b',
    title: 'finds an old letter of sign-up and makes the account that its reader did not want (L35)',
    control: 'signIn',
    options: OPEN,
    without: { database: endlessLinks() },
    async succeeds(app) {
      await askFor(app, VICTIM)
      const link = await letterLink(app)
      app.clock.advance(DAY)
      return cookieOf(await makeAccount(app, link)) !== undefined
    },
  }),
]
