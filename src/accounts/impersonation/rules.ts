/**
 * Who may act as whom. Asked when it begins and at every request while it lasts, so that it is over as soon as it would not begin any more
 * (L62). Source: OWASP ASVS 5.0 8.2, 8.3.1; lessons L69, L70.
 */
import { permits } from '../../engine/policy.ts'
import type { Roles } from '../users/roles.ts'
import type { UserRow } from '../schema.ts'

/** What a role needs for it; it is not `users:*` by accident that makes somebody see what others see. */
export const IMPERSONATE = 'users:impersonate'

type Who = Pick<UserRow, 'id' | 'roles' | 'status' | 'kind'>

/** Never oneself, and nobody who could do the same: what administrators do they do under their own name. */
export function mayActAs(by: Who, user: Who, roles: Roles): boolean {
  if (by.id === user.id || by.status !== 'active' || user.status !== 'active' || user.kind !== 'person') return false
  return mayImpersonate(by.roles, roles) && !mayImpersonate(user.roles, roles)
}

/** Whether somebody with these stored roles may act as others. Who may everything may. */
export function mayImpersonate(stored: string, roles: Roles): boolean {
  return permits(roles.granted(stored).permissions, IMPERSONATE)
}
