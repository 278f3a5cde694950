/** What an invitation into a tenant does, in the transaction that uses it up: for those who have an account, and for those who make one. */
import type { Roles } from '../users/roles.ts'
import type { AccountsTransaction } from '../schema.ts'
import { insertMember } from './members.ts'

/** What was written into the link, and looked at again in this transaction. */
export interface TenantTerms {
  readonly tenant?: { readonly id: string; readonly roles: readonly string[] }
}

/** Makes them a member; what they became, or nothing where no tenant was named or they belong to it already. */
export async function joinTenant(
  tx: AccountsTransaction,
  userId: string,
  { tenant }: TenantTerms,
  { tenantRoles, now }: { readonly tenantRoles: Roles; readonly now: () => number },
): Promise<TenantTerms['tenant']> {
  const roles = tenant && tenantRoles.stored(tenant.roles)
  if (tenant === undefined || roles === undefined) return undefined
  return (await insertMember(tx, { tenantId: tenant.id, userId, roles, now: now() })) ? tenant : undefined
}
