/** The rows of memberships, for all who read or write them: the service, invitations, and sessions. */
import type { On } from '../addresses/addresses.ts'
import { readId } from '../ids.ts'
import { splitRoles, type Roles } from '../users/roles.ts'
import type { AccountsTransaction } from '../schema.ts'

/** Somebody's roles in a tenant, as they are stored; nothing where they do not belong to it. */
export async function rolesIn(on: On, tenantId: string, userId: string): Promise<string | undefined> {
  const row = await on
    .selectFrom('hf_memberships')
    .select('roles')
    .where('tenant_id', '=', readId(tenantId))
    .where('user_id', '=', readId(userId))
    .executeTakeFirst()
  return row?.roles
}

/** A tenant that nobody who may sign in would own without this user; nothing where there is none. The administration is locked before. */
export async function ownedAlone(tx: AccountsTransaction, userId: string, within: Roles): Promise<string | undefined> {
  const owned = await tx
    .selectFrom('hf_memberships')
    .innerJoin('hf_tenants', 'id', 'tenant_id')
    .select(['tenant_id', 'name', 'roles'])
    .where('user_id', '=', userId)
    .orderBy('name')
    .execute()
  for (const { tenant_id: tenantId, name, roles } of owned) {
    if (owns(roles, within) && !(await hasOtherOwner(tx, tenantId, userId, within))) return name
  }
  return undefined
}

/** Whether somebody else owns it who may sign in. */
export async function hasOtherOwner(tx: AccountsTransaction, tenantId: string, userId: string, within: Roles): Promise<boolean> {
  const others = await tx
    .selectFrom('hf_memberships')
    .innerJoin('hf_users', 'id', 'user_id')
    .select('hf_memberships.roles as held')
    .where('tenant_id', '=', tenantId)
    .where('user_id', '<>', userId)
    .where('status', '=', 'active')
    .execute()
  return others.some(({ held }) => owns(held, within))
}

/** Whether the roles of a membership make an owner. */
export function owns(stored: string, within: Roles): boolean {
  return splitRoles(stored).some((name) => within.administrators.includes(name))
}

interface NewMember {
  readonly tenantId: string
  readonly userId: string
  /** As they are stored. */
  readonly roles: string
  readonly now: number
}

/** Makes somebody a member. Who is one already stays what they are; returns whether they are new. */
export async function insertMember(tx: AccountsTransaction, { tenantId, userId, roles, now }: NewMember): Promise<boolean> {
  const made = await tx
    .insertInto('hf_memberships')
    .values({ tenant_id: tenantId, user_id: userId, roles, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('user_id')
    .executeTakeFirst()
  return made !== undefined
}
