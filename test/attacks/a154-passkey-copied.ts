import { defineAttack } from '../support/attack.ts'
import { ask, bring, mustEnter, PASSKEYS, withPasskey } from '../support/passkeys.ts'

export default defineAttack({
  id: 'A154',
  title: 'signs in with a copy of a security key that was made some time ago, and nobody notices (L21)',
  control: 'signIn',
  options: PASSKEYS,
  without: {
    heldBy: 'design',
    why: 'the counter is stored with each answer, and one that goes back is refused and said; no option changes that',
  },
  async succeeds(app) {
    const owner = await withPasskey(app, 'victim')
    const copy = { ...owner.authenticator.kept[0]! }
    await mustEnter(app, owner)
    await mustEnter(app, owner)
    const { ceremony, browser } = await ask(app)
    const { session } = await bring(app, owner.authenticator.get(ceremony, { use: copy }), browser)
    const noticed = app.events.some(({ type, level }) => type === 'authn_passkey_cloned' && level === 'critical')
    await mustEnter(app, owner)
    return session !== undefined || !noticed
  },
})
