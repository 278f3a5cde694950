import { defineAttack } from '../support/attack.ts'
import { ask, bring, mustEnter, PASSKEYS, withPasskey } from '../support/passkeys.ts'
import { sameOrigin } from '../support/browser.ts'

const DESIGN = {
  heldBy: 'design',
  why: 'a challenge lies on the server, is taken out by its first answer, and names its ceremony and its browser; no option changes that',
} as const

export default [
  defineAttack({
    id: 'A150a',
    title: 'sends an answer of a passkey a second time, as it was seen on the way (L19)',
    control: 'signIn',
    options: PASSKEYS,
    without: DESIGN,
    async succeeds(app) {
      const owner = await withPasskey(app, 'victim')
      const { ceremony, browser } = await ask(app)
      const response = owner.authenticator.get(ceremony)
      if ((await bring(app, response, browser)).session === undefined) throw new Error('It does not work the first time.')
      return (await bring(app, response, browser)).session !== undefined
    },
  }),
  defineAttack({
    id: 'A150b',
    title: 'sends the answer that a false page got, from a browser of their own (L19)',
    control: 'signIn',
    options: PASSKEYS,
    without: DESIGN,
    async succeeds(app) {
      const owner = await withPasskey(app, 'victim')
      await mustEnter(app, owner)
      const [theirs, own] = [await ask(app), await ask(app)]
      return (await bring(app, owner.authenticator.get(theirs.ceremony), own.browser)).session !== undefined
    },
  }),
  defineAttack({
    id: 'A150c',
    title: 'enrols a passkey with the challenge of a sign-in, or twice with one answer (L18, L20)',
    control: 'signIn',
    options: PASSKEYS,
    without: DESIGN,
    async succeeds(app) {
      const owner = await withPasskey(app, 'victim')
      const { passkeys } = app.holdfast.accounts
      const toSignIn = await ask(app, '/login/passkey/options', owner.cookie)
      const toEnrol = await ask(app, '/account/factors/passkeys/options', owner.cookie)
      const challenge = String(toSignIn.ceremony.publicKey['challenge'])
      const crossed = owner.authenticator.create(toEnrol.ceremony, { challenge })
      const right = owner.authenticator.create(toEnrol.ceremony)
      const send = async (response: object) => {
        const body = new URLSearchParams({ response: JSON.stringify(response) }).toString()
        await app.fetch('/account/factors/passkeys', { method: 'POST', headers: sameOrigin(app, owner.cookie), body })
        return (await passkeys.list(owner.userId)).length
      }
      if ((await send(crossed)) > 1) return true
      if ((await send(right)) !== 2) throw new Error('Enrolling does not work at all.')
      return (await send(right)) > 2
    },
  }),
]
