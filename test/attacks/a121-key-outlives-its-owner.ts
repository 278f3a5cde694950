import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { KEYS, opens, userWithKey, withKey } from '../support/keys.ts'
import { endlessKeys, keysOfAdministrators } from '../support/weak-store.ts'

const SYSTEM = { kind: 'system', id: 'test' } as const

async function working(app: TestApp, role: 'member' | 'admin') {
  const key = await userWithKey(app, role, 'ada')
  if (!(await opens(app, key.text))) throw new Error('The key does not work at all.')
  return key
}

export default [
  defineAttack({
    id: 'A121a',
    title: 'goes on with the API key of an account that was disabled (L06)',
    control: 'apiKeys',
    options: KEYS,
    without: { database: endlessKeys() },
    async succeeds(app) {
      const { userId, text } = await working(app, 'member')
      if (!(await app.holdfast.accounts.users.disable(userId, SYSTEM)).ok) throw new Error('The user was not disabled.')
      return await opens(app, text)
    },
  }),
  defineAttack({
    id: 'A121b',
    title: 'uses an API key again after it was revoked',
    control: 'apiKeys',
    options: KEYS,
    without: { database: endlessKeys() },
    async succeeds(app) {
      const { userId, id, text } = await working(app, 'member')
      if (!(await app.holdfast.accounts.apiKeys.revoke(userId, id, SYSTEM))) throw new Error('The key was not revoked.')
      return await opens(app, text)
    },
  }),
  defineAttack({
    id: 'A121c',
    title: 'keeps what an account was allowed once, by an API key that was made then',
    control: 'apiKeys',
    options: KEYS,
    without: { database: keysOfAdministrators() },
    async succeeds(app) {
      await app.signIn('admin', 'other')
      const { userId, text } = await working(app, 'admin')
      if ((await withKey(app, '/admin', text)).status !== 200) throw new Error('The key of an administrator does not work.')
      await app.holdfast.accounts.users.setRoles(userId, ['member'], SYSTEM)
      return (await withKey(app, '/admin', text)).status === 200
    },
  }),
]
