/** The options of `tenants`. */

/** What tenants are like. */
export interface TenantsOptions {
  /** Roles in a tenant, and what each permits there; one must permit everything. @default { owner: ['*'], member: [] } */
  readonly roles?: Readonly<Record<string, readonly string[]>>
}
