import { defineAttack } from '../support/attack.ts'
import type { Misbehaviour } from '../support/authenticator.ts'
import { ask, bring, mustEnter, PASSKEYS, withPasskey } from '../support/passkeys.ts'

/** What reaches the server when something between it and the owner is false. */
const FALSE: readonly Misbehaviour[] = [
  { origin: 'https://localhost.evil.example' },
  { origin: 'http://localhost:1' },
  { rpId: 'evil.example' },
  { crossOrigin: true },
  { userVerified: false },
  { userPresent: false },
  { challenge: Buffer.alloc(32, 1).toString('base64url') },
  { type: 'webauthn.create' },
  { userHandle: 'c29tZWJvZHkgZWxzZQ' },
  { userHandle: null },
]

export default defineAttack({
  id: 'A153',
  title:
    'signs in with an answer of another page, another site, a frame, an owner who was not there, or a challenge of their own (L19)',
  control: 'signIn',
  options: PASSKEYS,
  without: {
    heldBy: 'design',
    why: 'what an authenticator signs says where it was asked and who was there, and no option leaves a part unread',
  },
  async succeeds(app) {
    const owner = await withPasskey(app, 'victim')
    await mustEnter(app, owner)
    for (const wrong of FALSE) {
      const { ceremony, browser } = await ask(app)
      if ((await bring(app, owner.authenticator.get(ceremony, wrong), browser)).session !== undefined) return true
    }
    return false
  },
})
