/** The rows of memberships, for all who read or write them: the service, invitations, and sessions. */
import type { On } from '../addresses.ts'
import { readId } from '../ids.ts'
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
