import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { KEYS, withKey } from '../support/keys.ts'
import { endlessMemberships, keysOfAnyTenant, keysOfNoTenant } from '../support/weak-store.ts'

const SYSTEM = { kind: 'system', id: 'test' } as const
const OPTIONS = { ...KEYS, accessTokens: { accept: 'everywhere' }, tenants: {} } as const

/** Ada, in two tenants that others own; what she has in the first is in other hands. */
async function twoTenants(app: TestApp, role: 'member' | 'admin' = 'member') {
  const { tenants } = app.holdfast.accounts
  const { userId: ownerId } = await app.signIn('member', 'owner')
  const ada = await app.signIn(role, 'ada')
  async function tenant(name: string): Promise<string> {
    const made = await tenants.create({ name, ownerId }, SYSTEM)
    if (!made.ok) throw new Error(`No tenant: ${made.reason}`)
    await tenants.add(made.tenant.id, ada.userId, ['owner'], SYSTEM)
    return made.tenant.id
  }
  return { ada, first: await tenant('First'), second: await tenant('Second') }
}

async function keyFor(app: TestApp, userId: string, tenant: string): Promise<string> {
  const made = await app.holdfast.accounts.apiKeys.create({ userId, name: 'test', scopes: ['*'], tenant }, SYSTEM)
  if (!made.ok) throw new Error(`No key: ${made.reason}`)
  return made.text.reveal()
}

async function tokenFor(app: TestApp, cookie: string, tenant: string): Promise<string> {
  const session = cookie.slice(cookie.indexOf('=') + 1)
  const from = { address: '127.0.0.1', network: '127.0.0.1', userAgent: 'test' }
  const begun = await app.holdfast.accounts.tokens.begin({ session, client: 'Phone', tenant }, from)
  if (!begun.ok) throw new Error(`No token: ${begun.reason}`)
  return begun.accessToken.reveal()
}

/** Whether it opens the page of a tenant, by its address and by whatever else may name one. */
async function reads(app: TestApp, text: string, tenant: string): Promise<boolean> {
  const named = { 'x-tenant': tenant, 'x-tenant-id': tenant }
  return (await withKey(app, `/notes/of-tenant?tenant=${tenant}`, text, named)).text === `NOTE OF ${tenant}`
}

/** What was made with it opens the page of its tenant, then its owner is put out of the tenant; whether it still does. */
async function outlives(app: TestApp, text: string, userId: string, tenant: string): Promise<boolean> {
  if (!(await reads(app, text, tenant))) throw new Error('It does not open its own tenant either.')
  if (!(await app.holdfast.accounts.tenants.remove(tenant, userId, SYSTEM)).ok) throw new Error('Nobody was removed.')
  return await reads(app, text, tenant)
}

export default [
  defineAttack({
    id: 'A290a',
    title: 'uses an API key for one tenant at a page of another one of its owner (L95)',
    control: 'apiKeys',
    options: OPTIONS,
    without: { database: keysOfAnyTenant() },
    async succeeds(app) {
      const { ada, first, second } = await twoTenants(app)
      return await reads(app, await keyFor(app, ada.userId, first), second)
    },
  }),
  defineAttack({
    id: 'A290b',
    title: 'does with an API key for a tenant what its owner may in the whole application',
    control: 'apiKeys',
    options: OPTIONS,
    without: { database: keysOfNoTenant() },
    async succeeds(app) {
      const { ada, first } = await twoTenants(app, 'admin')
      return (await withKey(app, '/admin', await keyFor(app, ada.userId, first))).status === 200
    },
  }),
  defineAttack({
    id: 'A290c',
    title: 'goes on with an API key for a tenant after its owner was put out of the tenant (L06, L62)',
    control: 'apiKeys',
    options: OPTIONS,
    without: { database: endlessMemberships() },
    async succeeds(app) {
      const { ada, first } = await twoTenants(app)
      return await outlives(app, await keyFor(app, ada.userId, first), ada.userId, first)
    },
  }),
  defineAttack({
    id: 'A290d',
    title: 'goes on with the access token of an app in a tenant after its user was put out of the tenant (L06, L62)',
    control: 'accessTokens',
    options: OPTIONS,
    without: { database: endlessMemberships() },
    async succeeds(app) {
      const { ada, first } = await twoTenants(app)
      return await outlives(app, await tokenFor(app, ada.cookie, first), ada.userId, first)
    },
  }),
]
