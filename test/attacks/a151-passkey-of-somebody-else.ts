import { defineAttack } from '../support/attack.ts'
import { passwordStep } from '../support/second-factor-browser.ts'
import { ask, bring, PASSKEYS, withPasskey } from '../support/passkeys.ts'

const PATH = '/login/factor/passkey'

export default [
  defineAttack({
    id: 'A151a',
    title: "gives their own passkey as the second step after somebody else's password (L09)",
    control: 'signIn',
    options: PASSKEYS,
    without: { heldBy: 'design', why: 'the credential is looked for among those of the user who waits; no option changes that' },
    async succeeds(app) {
      const [victim, eve] = [await withPasskey(app, 'victim'), await withPasskey(app, 'eve')]
      const { waiting } = await passwordStep(app)
      const wrong = await ask(app, `${PATH}/options`, waiting)
      const taken = await bring(app, eve.authenticator.get(wrong.ceremony), waiting, PATH)
      if (taken.session !== undefined) return true
      const right = await ask(app, `${PATH}/options`, waiting)
      const own = await bring(app, victim.authenticator.get(right.ceremony), waiting, PATH)
      if (own.session === undefined) throw new Error('The second step does not work at all.')
      return false
    },
  }),
  defineAttack({
    id: 'A151b',
    title: 'proves it again at an unlocked screen with a passkey of their own, and an answer made for their own session (L09)',
    control: 'signIn',
    options: PASSKEYS,
    without: { heldBy: 'design', why: 'an answer is bound to the session that was asked, and the credential to its user' },
    async succeeds(app) {
      const [victim, eve] = [await withPasskey(app, 'victim'), await withPasskey(app, 'eve')]
      const here = await ask(app, `${PATH}/options`, victim.cookie)
      const there = await ask(app, `${PATH}/options`, eve.cookie)
      for (const { ceremony } of [here, there]) {
        const { session } = await bring(app, eve.authenticator.get(ceremony), victim.cookie, PATH)
        if (session !== undefined) return true
      }
      return false
    },
  }),
]
