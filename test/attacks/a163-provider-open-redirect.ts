import { defineAttack } from '../support/attack.ts'
import { idp, linkedUser, withProvider } from '../support/attack-provider.ts'
import { wanderer } from '../support/provider.ts'

const TARGETS = [
  '//evil.example',
  'https://evil.example/',
  '/\\evil.example',
  '/.//evil.example',
  '/%2F/evil.example',
  'javascript:alert(1)',
]

export default defineAttack({
  id: 'A163',
  title: 'has somebody sent to another site after they signed in by a provider, by `next` or by what comes back (L51, L87)',
  control: 'signIn',
  options: withProvider,
  without: { heldBy: 'start-up', why: 'the function that makes the way on returns paths of ours only; no option changes that' },
  async succeeds(app) {
    await linkedUser(app, 'victim')
    for (const target of TARGETS) {
      const browser = wanderer(app)
      const out = await browser.leave({ next: target })
      if (new URL(out).searchParams.get('redirect_uri') !== `${app.origin}/login/with/idp/callback`) return true
      const answer = await browser.comeBack(
        `${idp.visit(out)}&next=${encodeURIComponent(target)}&RelayState=${encodeURIComponent(target)}`,
      )
      if (new URL(answer.headers.location ?? '/', app.origin).origin !== app.origin) return true
    }
    const own = wanderer(app)
    const answer = await own.comeBack(idp.visit(await own.leave({ next: '/notes' })))
    if (answer.headers.location !== '/notes') throw new Error('A path of ours was not taken.')
    return false
  },
})
