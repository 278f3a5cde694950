import { defineAttack } from '../support/attack.ts'
import { Secret } from '../../src/index.ts'
import { cookieOf, signInByForm, whoIs } from '../support/browser.ts'
import { endlessSessions } from '../support/weak-store.ts'

export default defineAttack({
  id: 'A95',
  title: 'stays signed in on another device after the owner set a new password',
  control: 'session',
  without: { database: endlessSessions() },
  async succeeds(app) {
    const stolen = await app.signIn('member', 'victim')
    const own = cookieOf(await signInByForm(app, 'victim'))!
    const password = new Secret('seven geese fly over the town')
    const actor = { kind: 'user', id: stolen.userId } as const
    const set = await app.holdfast.accounts.credentials.setPassword(stolen.userId, password, actor)
    if (!set.ok) throw new Error(`The password was not set: ${set.reason}`)
    return (await whoIs(app, stolen.cookie)) !== null || (await whoIs(app, own)) !== null
  },
})
