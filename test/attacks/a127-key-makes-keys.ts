import { defineAttack } from '../support/attack.ts'
import { KEYS, userWithKey } from '../support/keys.ts'

export default defineAttack({
  id: 'A127',
  title: 'makes itself a second API key, ends sessions or signs in with one that it found',
  control: 'console',
  adapters: 'all',
  options: KEYS,
  without: {
    heldBy: 'design',
    why: 'the pages of an account ask for a session, which no key gives; no option opens them to keys',
  },
  async succeeds(app) {
    const { userId, text } = await userWithKey(app, 'admin', 'root')
    const send = (path: string, body: object) =>
      app.fetch(path, {
        method: 'POST',
        headers: { authorization: `Bearer ${text}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const sessions = await app.holdfast.accounts.sessions.list(userId, Date.now())
    const answers = [
      await send('/account/keys/create', { name: 'mine', scopes: '*' }),
      await send('/account/keys/revoke', { key: text.slice(7, 18) }),
      await send('/account/sessions/end', { session: sessions[0]!.id }),
      await send('/account/sessions/end-everywhere', {}),
      await send('/login', { login: 'root', password: 'a walrus sings at four' }),
      await send('/logout', {}),
    ]
    if (answers.some(({ status, all }) => status < 400 || all('set-cookie').length > 0)) return true
    const keys = await app.holdfast.accounts.apiKeys.list(userId, Date.now())
    const left = await app.holdfast.accounts.sessions.list(userId, Date.now())
    return keys.length !== 1 || keys[0]!.status !== 'active' || left.length !== sessions.length
  },
})
