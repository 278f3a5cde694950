import { defineAttack } from '../support/attack.ts'
import { idp, linkedUser, nowIs, withProvider } from '../support/attack-provider.ts'
import { wanderer } from '../support/provider.ts'

export default defineAttack({
  id: 'A164',
  title:
    'finds an unlocked screen, and proves again who is signed in by an account of their own at the provider, or links it (L10)',
  control: 'signIn',
  options: withProvider,
  without: { heldBy: 'design', why: 'a proof counts for whom the identity is linked to; no option changes that' },
  async succeeds(app) {
    const { cookie, userId } = await linkedUser(app, 'victim')
    await linkedUser(app, 'attacker', { subject: 'attacker' })
    app.clock.advance(700_000)
    const screen = wanderer(app, cookie)
    const seen = { auth_time: Math.floor(app.clock.now() / 1000), iat: Math.floor(app.clock.now() / 1000) }
    for (const subject of ['attacker', 'nobody']) {
      nowIs(subject, seen)
      await screen.comeBack(idp.visit(await screen.leave({ purpose: 'again' })))
      if ((await screen.post('/login/with/idp', { purpose: 'link' })).headers['refresh'] !== undefined) return true
    }
    if ((await app.holdfast.accounts.identities.of(userId)).length !== 1) return true
    nowIs('person-1', seen)
    await screen.comeBack(idp.visit(await screen.leave({ purpose: 'again' })))
    if ((await screen.post('/login/with/idp', { purpose: 'link' })).headers['refresh'] === undefined)
      throw new Error('Whoever is right proves nothing either.')
    return false
  },
})
