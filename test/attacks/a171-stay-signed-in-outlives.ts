import { defineAttack } from '../support/attack.ts'
import { Secret } from '../../src/index.ts'
import { cookieNamed, signInTicking, visit } from '../support/remembering-browser.ts'
import { endlessBrowsers } from '../support/weak-store.ts'

const DAY = 86_400_000

export default defineAttack({
  id: 'A171',
  title: 'stays signed in by a stolen cookie after the owner set a new password (L110)',
  control: 'session',
  options: { signIn: { remember: {} } },
  without: { database: endlessBrowsers() },
  async succeeds(app) {
    const { userId } = await app.signIn('member', 'victim')
    const stolen = cookieNamed(await signInTicking(app, { remember: 'on' }), 'hf_remember')
    if (stolen === '') throw new Error('There is no cookie to steal.')
    const actor = { kind: 'user', id: userId } as const
    const set = await app.holdfast.accounts.credentials.setPassword(userId, new Secret('velvet anchor prairie sundial'), actor)
    if (!set.ok) throw new Error(`The password was not set: ${set.reason}`)
    app.clock.advance(DAY)
    return (await visit(app, stolen)).session !== undefined
  },
})
