/** Drill: somebody who knows the password is in an account; its owner reads the notice, and says that it was not them. */
import { linkIn } from '../../testing/mails.ts'
import { Secret } from '../../crypto/secret.ts'
import type { Drill } from './drill.ts'

const BY = { kind: 'system', id: 'drill' } as const
const ANOTHER = 'nine swans cross the frozen lake'
const ATTACKER = '203.0.113.66'

export const accountTakeover: Drill = {
  name: 'account-takeover',
  what: 'Somebody who knows the password is in; the owner says by the link of a letter that it was not them',
  playbook: 'account-takeover',
  detectedBy: ['taken-back', 'new-device', 'impossible-travel'],
  async play(app) {
    const { id, password } = await app.user('ada', 'ada@app.example')
    await app.user('bob')
    const [owner, thief] = [app.from('198.51.100.7'), app.from(ATTACKER)]
    await app.signIn(owner, 'ada', password)
    await app.mails()
    return {
      async attack() {
        app.later(60_000)
        await app.signIn(thief, 'ada', password)
        const letter = (await app.mails()).find(({ text }) => text.includes('not-me'))
        if (letter === undefined) throw new Error('The owner got no letter.')
        const link = new URL(linkIn(letter), app.origin)
        await owner.post(link.pathname, { form: { token: link.searchParams.get('token')! } })
        await app.signIn(thief, 'bob', password.toUpperCase())
      },
      // The account is shut already; the thief goes on to the next one.
      succeeds: async () => (await thief.get('/login')).status === 200,
      answers: async () => [
        { response: 'block-client', subject: { kind: 'client', value: ATTACKER }, settings: { everybody: 'yes' } },
      ],
      async recover() {
        await app.holdfast.accounts.credentials.setPassword(id, new Secret(ANOTHER), BY)
      },
      async works() {
        const stolen = await thief.get('/account/sessions')
        return stolen.status !== 200 && (await app.signIn(owner, 'ada', ANOTHER)).status === 303
      },
    }
  },
}
