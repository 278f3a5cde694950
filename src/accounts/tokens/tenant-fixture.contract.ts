/** What the contracts of keys and apps that act in a tenant share: two tenants, and Ada, who is an editor in one of them. */
import assert from 'node:assert/strict'
import { CLI, fixture, from, type Open } from '../fixture.contract.ts'
import type { Principal } from '../../engine/facts.ts'
import type { NewApp } from './app-types.ts'
import type { NewApiKey } from './types.ts'

const ROLES = { admin: ['*'], member: ['files:read', 'notes:read'] }
const TENANT_ROLES = { owner: ['*'], editor: ['notes:*'], reader: ['notes:read'] }

export async function world(open: Open) {
  const f = await fixture(open, { roles: ROLES, tenantRoles: TENANT_ROLES })
  const { apiKeys, tenants, tokens } = f.accounts
  const ada = await f.user('ada')
  async function place(name: string) {
    const made = await tenants.create({ name, ownerId: (await f.user(`${name}-owner`)).id }, CLI)
    assert.ok(made.ok)
    return made.tenant.id
  }
  const [acme, bolt] = [await place('acme'), await place('bolt')]
  assert.ok((await tenants.add(acme, ada.id, ['editor'], CLI)).ok)

  const make = (more: Partial<NewApiKey> = {}) =>
    apiKeys.create({ userId: ada.id, name: 'export', scopes: ['notes:read'], tenant: acme, ...more }, CLI)
  const begin = async (more: Partial<NewApp> = {}) =>
    await tokens.begin({ session: (await f.session('ada')).token.reveal(), client: 'Notes', tenant: acme, ...more }, from())
  async function key(more?: Partial<NewApiKey>) {
    const made = await make(more)
    assert.ok(made.ok, made.ok ? '' : made.reason)
    return { ...made, text: made.text.reveal() }
  }
  async function app(more?: Partial<NewApp>) {
    const begun = await begin(more)
    assert.ok(begun.ok, begun.ok ? '' : begun.reason)
    return { ...begun, access: begun.accessToken.reveal(), refresh: begun.refreshToken.reveal() }
  }
  /** Who asks with it; or why nobody does. */
  const whoHas = async (text: string, accounts = f.accounts): Promise<Principal | string> => {
    const isKey = text.startsWith('hf_key_')
    const found = await (isKey ? accounts.apiKeys.admit(text, from(), f.clock.now) : accounts.tokens.admit(text, f.clock.now))
    return found.ok ? found.principal : found.reason
  }
  f.takeEvents()
  return { ...f, ada, acme, bolt, tenants, make, begin, key, app, whoHas }
}

/** What somebody may, and where. */
export function reachOf(who: Principal | string) {
  assert.ok(typeof who !== 'string', String(who))
  const { roles, permissions, tenant } = who
  return {
    roles,
    permissions: [...permissions],
    tenant: tenant && { ...tenant, permissions: [...tenant.permissions].toSorted() },
  }
}
