/**
 * What somebody may do to a tenant: looked up in the transaction of the change, by who they are in that tenant, never by what a request
 * says about it. A tenant that one has nothing to do with is answered like one that does not exist.
 * Sources: OWASP ASVS 5.0 8.2.2, 8.4.1; lessons L94, L95, L96.
 */
import { permits } from '../../engine/policy.ts'
import type { On } from '../addresses/addresses.ts'
import { readId } from '../ids.ts'
import type { Roles } from '../users/roles.ts'
import { rolesIn } from './members.ts'

/** What the roles of a tenant permit about the tenant itself. */
export const MANAGE = 'tenant:manage'
export const MEMBERS = 'tenant:members'
/** Permits everything about every tenant, by a role of the application. */
export const MANAGE_ALL = 'tenants:manage'

export type Lacking = 'unknown-tenant' | 'not-permitted' | 'role-not-held'

export interface Wanted {
  /** As the log names who acts: `user:<id>`, `system:cli`. */
  readonly actor: string
  readonly tenantId: string
  readonly permission: string
  /** Roles in the tenant that are given or taken away. */
  readonly roles?: readonly string[]
}

export interface Authority {
  /** What is missing; nothing when they may. */
  lacks(on: On, wanted: Wanted): Promise<Lacking | undefined>
  /** Whether it is the server itself, or somebody who may everything about every tenant. */
  managesAll(on: On, actor: string): Promise<boolean>
}

/** `roles`: those of the application; `within`: those in a tenant. */
export function createAuthority(roles: Roles, within: Roles): Authority {
  async function managesAll(on: On, actor: string): Promise<boolean> {
    const [kind, id = ''] = actor.split(':', 2)
    if (kind === 'system') return true
    const stored = kind === 'user' ? await rolesOfUser(on, id) : undefined
    return stored !== undefined && permits(roles.granted(stored).permissions, MANAGE_ALL)
  }

  return {
    managesAll,

    async lacks(on, { actor, tenantId, permission, roles: wanted = [] }) {
      if (await managesAll(on, actor)) return undefined
      const [kind, id = ''] = actor.split(':', 2)
      const active = kind === 'user' && (await rolesOfUser(on, id)) !== undefined
      const stored = active ? await rolesIn(on, tenantId, id) : undefined
      if (stored === undefined) return 'unknown-tenant'
      const held = within.granted(stored)
      if (!permits(held.permissions, permission)) return 'not-permitted'
      const owns = held.roles.some((name) => within.administrators.includes(name))
      return owns || wanted.every((name) => held.roles.includes(name)) ? undefined : 'role-not-held'
    },
  }
}

/** The roles of an active user; nothing of others. */
async function rolesOfUser(on: On, id: string): Promise<string | undefined> {
  const row = await on.selectFrom('hf_users').select(['roles', 'status']).where('id', '=', readId(id)).executeTakeFirst()
  return row?.status === 'active' ? row.roles : undefined
}
