/** Roles in a tenant, where the application names none. */
import type { RoleTable } from '../users/roles.ts'

/** One who may everything about it, and one who belongs to it. */
export const DEFAULT_TENANT_ROLES: RoleTable = { owner: ['*'], member: [] }
