/** The tables of tenants, as Kysely sees them. */

export interface TenantsTable {
  /** Random, never reused. */
  id: string
  name: string
  created_at: number
}

export interface MembershipsTable {
  user_id: string
  tenant_id: string
  /** Names of roles in the tenant, sorted, with a space between. */
  roles: string
  created_at: number
}
