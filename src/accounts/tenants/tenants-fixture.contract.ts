/** What the contracts of tenants share: two tenants, each with an owner, a manager and a reader. */
import assert from 'node:assert/strict'
import { CLI, fixture, type Fixture, type Open } from '../fixture.contract.ts'
import type { Actor, User } from '../types.ts'

export const ROLES = { owner: ['*'], manager: ['tenant:members', 'notes:*'], reader: ['notes:read'] }
const INVITING = { signUp: { mode: 'invitation', roles: ['member'], login: 'address' } } as const

export const as = ({ id }: Pick<User, 'id'>): Actor => ({ kind: 'user', id })

/** Two tenants; each with an owner, a manager and a reader. */
export async function world(open: Open) {
  const f = await fixture(open, { tenantRoles: ROLES, ...INVITING })
  async function tenant(name: string) {
    const owner = await f.user(`${name}-owner`)
    const made = await f.accounts.tenants.create({ name, ownerId: owner.id }, CLI)
    assert.ok(made.ok)
    const { id } = made.tenant
    const [manager, reader] = [await f.user(`${name}-manager`), await f.user(`${name}-reader`)]
    for (const [user, role] of [[manager, 'manager'] as const, [reader, 'reader'] as const])
      assert.deepEqual(await f.accounts.tenants.add(id, user.id, [role], CLI), { ok: true })
    return { id, owner, manager, reader }
  }
  const [a, b] = [await tenant('alpha'), await tenant('beta')]
  f.takeEvents()
  return { ...f, a, b, tenants: f.accounts.tenants }
}

/** Acts in the tenant from then on; the new token. */
export async function acting(f: Fixture, login: string, tenantId: string): Promise<string> {
  const { token } = await f.session(login)
  const chosen = await f.accounts.tenants.choose(token.reveal(), tenantId)
  assert.ok(chosen)
  return chosen.token.reveal()
}

export async function tenantIn(f: Fixture, token: string) {
  const found = await f.accounts.sessions.find(token, f.clock.now)
  assert.ok(found.ok)
  return found.principal.tenant
}

export const rolesOf = async ({ tenants }: { tenants: Fixture['accounts']['tenants'] }, tenantId: string, { id }: User) =>
  (await tenants.members(tenantId)).find(({ userId }) => userId === id)?.roles
