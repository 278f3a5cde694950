import { defineAttack } from '../support/attack.ts'
import { sameOrigin } from '../support/browser.ts'
import { reachableMember } from '../support/recovery.ts'

const SECRETS = /argon2|hf_key_\w{20}|"(?:hash|value|secret|token|password)":/

export default defineAttack({
  id: 'A179',
  title: 'carries away all that is kept of somebody from a session that was proved long ago, or finds a secret in it',
  control: 'console',
  without: { heldBy: 'design', why: 'the file names its fields one by one, and asks for a recent proof' },
  async succeeds(app) {
    const { cookie, userId } = await reachableMember(app)
    await app.holdfast.accounts.apiKeys.create({ userId, name: 'a key', scopes: [] }, { kind: 'system', id: 'test' })
    const get = (at: string) => app.fetch('/account/export', { headers: { ...sameOrigin(app, at), accept: 'application/json' } })
    const own = await get(cookie)
    if (own.status !== 200) throw new Error(`The owner got ${own.status}.`)
    app.clock.advance(600_001)
    const late = await get(cookie)
    return SECRETS.test(own.text) || late.status === 200
  },
})
