/** API keys for tests and attacks. */
import type { Response, TestApp } from './app.ts'

/** The application takes keys wherever it takes anybody. */
export const KEYS = { apiKeys: { accept: 'everywhere' } } as const

const SYSTEM = { kind: 'system', id: 'test' } as const

/** A user with a key that may everything the user may. */
export async function userWithKey(app: TestApp, role: 'member' | 'admin', login: string) {
  const { userId } = await app.signIn(role, login)
  const scopes = role === 'admin' ? ['*'] : []
  const made = await app.holdfast.accounts.apiKeys.create({ userId, name: 'test', scopes }, SYSTEM)
  if (!made.ok) throw new Error(`no test key: ${made.reason}`)
  return { userId, id: made.key.id, text: made.text.reveal() }
}

/** Asks with a key. */
export function withKey(app: TestApp, path: string, text: string, headers: Record<string, string> = {}): Promise<Response> {
  return app.fetch(path, { headers: { authorization: `Bearer ${text}`, ...headers } })
}

/** Whether the key opens the door for everybody who is signed in; fails the test when the key does not work to begin with. */
export async function opens(app: TestApp, text: string): Promise<boolean> {
  return (await withKey(app, '/me', text)).status === 200
}
