import { defineAttack } from '../support/attack.ts'
import { cookieOf, signInByForm } from '../support/browser.ts'
import { claimer, letterLink, post, SYSTEM, VICTIM } from '../support/newcomers.ts'
import { endlessLinks } from '../support/weak-links.ts'

const tokenIn = (link: string) => new URL(link, 'http://localhost').searchParams.get('token')!

export default [
  defineAttack({
    id: 'A144a',
    title:
      "gets the letter for an address of its own, takes the victim's address, and verifies it by that link (L28, CVE-2026-32700)",
    control: 'signIn',
    without: { heldBy: 'design', why: 'the link holds the address that it went to; no option makes one that does not' },
    async succeeds(app) {
      const { users } = app.holdfast.accounts
      const { userId } = await claimer(app, 'eve@example.org')
      const cookie = async () => cookieOf(await signInByForm(app, 'claimer'))
      await post(app, '/account/address/verify', {}, await cookie())
      const link = await letterLink(app)
      await users.setAddress(userId, VICTIM, SYSTEM)
      await post(app, '/login/verify-address', { token: tokenIn(link) }, await cookie())
      const stolen = (await users.byId(userId))?.address?.verified === true
      await post(app, '/account/address/verify', {}, await cookie())
      await post(app, '/login/verify-address', { token: tokenIn(await letterLink(app)) })
      if ((await users.byId(userId))?.address?.verified !== true) throw new Error('Nobody can verify anything.')
      return stolen
    },
  }),
  defineAttack({
    id: 'A144b',
    title: 'verifies an address by a letter that is older than a day (L35)',
    control: 'signIn',
    without: { database: endlessLinks() },
    async succeeds(app) {
      const { userId, cookie } = await claimer(app, VICTIM)
      await post(app, '/account/address/verify', {}, cookie)
      const link = await letterLink(app)
      app.clock.advance(86_400_000)
      await post(app, '/login/verify-address', { token: tokenIn(link) })
      return (await app.holdfast.accounts.users.byId(userId))?.address?.verified === true
    },
  }),
]
