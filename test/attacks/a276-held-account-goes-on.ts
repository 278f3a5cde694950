import { Secret } from '../../src/index.ts'
import { defineAttack } from '../support/attack.ts'
import { PASSWORD, type TestApp } from '../support/app.ts'
import { respond } from '../support/responding.ts'
import { signInApp } from '../support/tokens.ts'

const EVERYWHERE = { apiKeys: { accept: 'everywhere' }, accessTokens: { accept: 'everywhere' } } as const
const BY = { kind: 'system', id: 'test' } as const

async function reaches(app: TestApp, headers: Readonly<Record<string, string>>): Promise<boolean> {
  const { status, text } = await app.fetch('/notes/of-everybody', { headers: { ...headers, accept: 'application/json' } })
  const me = await app.fetch('/me', { headers: { ...headers, accept: 'application/json' } })
  return (me.status === 200 && me.text.includes('eve')) || (status === 200 && text !== '')
}

export default defineAttack({
  id: 'A276',
  title: 'goes on as an account that is held: in another session, with a key, with an app, or signed in anew',
  control: 'restrictions',
  adapters: 'all',
  options: EVERYWHERE,
  async succeeds(app) {
    await app.signIn('admin', 'root')
    const eve = await app.signIn('member', 'eve')
    const key = await app.holdfast.accounts.apiKeys.create({ userId: eve.userId, name: 'k', scopes: [] }, BY)
    if (!key.ok) throw new Error(key.reason)
    const { access_token: token } = await signInApp(app, 'eve')
    const ways = [{ cookie: eve.cookie }, { authorization: `Bearer ${key.text.reveal()}` }, { authorization: `Bearer ${token}` }]
    for (const way of ways) if (!(await reaches(app, way))) throw new Error('It reaches nothing even before.')
    await respond(app, 'lock-account', { kind: 'user', value: eve.userId })
    const from = { address: '127.0.0.1', network: '127.0.0.1', userAgent: 'test' }
    const again = await app.holdfast.accounts.doors.password.signIn({ login: 'eve', password: new Secret(PASSWORD) }, from)
    const anew = again.ok ? [{ cookie: `hf_sid_localhost=${again.token.reveal()}` }] : []
    for (const way of [...ways, ...anew]) if (await reaches(app, way)) return true
    return false
  },
})
