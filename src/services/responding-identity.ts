/** Who is behind a session, a key, an app or an account, and what it may: for the question what it could have done. */
import { inCommon, type Accounts } from '../accounts/index.ts'
import type { Subject } from '../observe/detected.ts'
import type { Identity } from '../observe/incidents/trace.ts'

export async function identify(accounts: Accounts, subject: Subject, now: number): Promise<Identity | undefined> {
  const { kind, value } = subject
  const owned = kind === 'session' || kind === 'api-key' || kind === 'app'
  const userId = kind === 'user' ? value : owned ? await accounts.emergency.ownerOf(kind, value) : undefined
  const user = userId === undefined ? undefined : await accounts.users.byId(userId)
  if (user === undefined) return undefined
  const [sessions, apiKeys, apps, tenants] = await Promise.all([
    accounts.sessions.list(user.id, now),
    accounts.apiKeys.list(user.id, now),
    accounts.tokens.list(user.id, now),
    accounts.tenants.of(user.id),
  ])
  const held = new Set(user.roles.flatMap((role) => accounts.roles[role] ?? []))
  const scopes = kind === 'api-key' ? apiKeys.find(({ id }) => id === value)?.scopes : apps.find(({ id }) => id === value)?.scopes
  return {
    userId: user.id,
    login: user.login,
    status: user.status,
    roles: user.roles,
    permissions: [...(scopes === undefined || kind === 'session' ? held : inCommon(held, new Set(scopes)))].toSorted(),
    tenants: tenants.map(({ name }) => name),
    sessions: sessions.map(({ id, aal, createdAt, address }) => ({ id, aal, createdAt, address })),
    apiKeys: apiKeys.map(({ id, scopes: own, status }) => ({ id, scopes: own, status })),
    apps: apps.map(({ id, client, scopes: own }) => ({ id, client, scopes: own })),
    gone: owned && !isThere(kind, value, { sessions, apiKeys, apps }),
  }
}

type Things = Readonly<Record<'sessions' | 'apiKeys' | 'apps', readonly { readonly id: string }[]>>

function isThere(kind: 'session' | 'api-key' | 'app', id: string, { sessions, apiKeys, apps }: Things): boolean {
  const list = { session: sessions, 'api-key': apiKeys, app: apps }[kind]
  return list.some((one) => one.id === id)
}
