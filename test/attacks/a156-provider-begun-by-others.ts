import { defineAttack } from '../support/attack.ts'
import { withProvider } from '../support/attack-provider.ts'
import { crossSite } from '../support/browser.ts'

export default defineAttack({
  id: 'A156',
  title: 'begins a sign-in by a provider from a page of another site, with the cookie of the victim (CVE-2015-9284)',
  control: 'csrf',
  options: withProvider,
  async succeeds(app) {
    const { cookie } = await app.signIn('member', 'victim')
    const got = await app.fetch('/login/with/idp', { headers: { cookie } })
    if (got.status !== 405) return true
    for (const purpose of ['sign-in', 'link', 'again']) {
      const answer = await app.fetch('/login/with/idp', {
        method: 'POST',
        headers: crossSite(cookie),
        body: `purpose=${purpose}`,
      })
      if (answer.headers['refresh'] !== undefined) return true
    }
    return false
  },
})
