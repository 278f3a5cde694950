/** The words of tenants: organisations that share one application, who belongs to them, and as what. */
import type { Exchange } from '../../engine/exchange.ts'
import type { Actor, NewSession } from '../types.ts'

/** An organisation. */
export interface Tenant {
  /** Random, never reused: what belonged to a tenant that is gone belongs to nobody. */
  readonly id: string
  readonly name: string
  readonly createdAt: number
}

/** A tenant as one of its members sees it. */
export interface Membership extends Tenant {
  /** Roles in this tenant; those that are no longer configured are left out. */
  readonly roles: readonly string[]
}

/** Who belongs to a tenant. */
export interface Member {
  readonly userId: string
  readonly login: string
  readonly name: string
  readonly roles: readonly string[]
  readonly since: number
}

/**
 * Why nothing was changed. `unknown-tenant`: there is none, or who asks has nothing to do with it. `not-permitted`: they belong to it, and
 * may not do this. `role-not-held`: nobody gives, or takes away, what they are not themselves. `service-owner`: a service owns no tenant.
 */
export type TenantProblem =
  | 'unknown-tenant'
  | 'unknown-user'
  | 'not-a-member'
  | 'already-a-member'
  | 'role-unknown'
  | 'name-invalid'
  | 'not-permitted'
  | 'role-not-held'
  | 'last-owner'
  | 'service-owner'

export type TenantChange = { readonly ok: true } | { readonly ok: false; readonly reason: TenantProblem }

/** Who is in which tenant. What a user may change is looked up for each change, by who they are in that tenant at that moment. */
export interface Tenants {
  /** The server itself, or who may `tenants:manage`. `ownerId` becomes its owner. */
  create(
    tenant: { readonly name: string; readonly ownerId?: string | undefined },
    actor: Actor,
    x?: Exchange,
  ): Promise<{ readonly ok: true; readonly tenant: Tenant } | { readonly ok: false; readonly reason: TenantProblem }>
  /** Asks for `tenant:manage` in it. */
  rename(tenantId: string, name: string, actor: Actor, x?: Exchange): Promise<TenantChange>
  /** Asks for `tenant:manage` in it. Its members act in no tenant from their next request on. */
  delete(tenantId: string, actor: Actor, x?: Exchange): Promise<TenantChange>
  byId(tenantId: string): Promise<Tenant | undefined>
  /** All tenants, the oldest first. */
  list(page?: { readonly limit?: number; readonly after?: string }): Promise<readonly Tenant[]>
  /** Those of one user, by name. */
  of(userId: string): Promise<readonly Membership[]>
  /** Who belongs to a tenant, the longest first. It is for the server: ask `of` first whether who asks belongs to it. */
  members(tenantId: string): Promise<readonly Member[]>
  /** The server itself, or who may `tenants:manage`: owners of a tenant invite, so that nobody is drawn in without being asked. */
  add(tenantId: string, userId: string, roles: readonly string[], actor: Actor, x?: Exchange): Promise<TenantChange>
  /** Asks for `tenant:members` in it. Holds at the next request. */
  setRoles(tenantId: string, userId: string, roles: readonly string[], actor: Actor, x?: Exchange): Promise<TenantChange>
  /** Asks for `tenant:members` in it; one may leave by oneself. Holds at the next request. The last owner who may sign in stays. */
  remove(tenantId: string, userId: string, actor: Actor, x?: Exchange): Promise<TenantChange>
  /**
   * Lets a session act in a tenant of its user, or (`undefined`) in none: the only way in which it changes. The session gets a new token;
   * nothing changes, and the answer is `undefined`, where it ended or its user does not belong to the tenant.
   */
  choose(token: string, tenantId: string | undefined, x?: Exchange): Promise<NewSession | undefined>
  /** Roles in a tenant and what each permits, as configured. */
  readonly roles: Readonly<Record<string, readonly string[]>>
}
