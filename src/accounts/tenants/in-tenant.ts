/**
 * Keeps a query within the tenant somebody acts in: where a line of its own has to be written for that, it is forgotten once.
 * Source: OWASP ASVS 5.0 8.4.1; OWASP Multi-Tenant Security Cheat Sheet; lesson L95.
 */
import { sql, type Expression, type SqlBool } from 'kysely'
import { HoldfastError } from '../../engine/errors.ts'
import type { Principal } from '../../engine/facts.ts'

/** A query of Kysely that takes conditions: select, update or delete. */
export interface Filterable {
  where(condition: Expression<SqlBool>): unknown
}

/**
 * The query, and only rows of the tenant that they act in. Throws HF_TENANT_MISSING without one: a query that would see every tenant
 * is never made. `column` is its name, with the table's where several are joined. @default 'tenant_id'
 *
 * @example
 * const notes = await inTenant(kysely.selectFrom('notes').selectAll(), holdfast.of(request).principal).execute()
 */
export function inTenant<Query extends Filterable>(
  query: Query,
  principal: Pick<Principal, 'tenant'> | null,
  column = 'tenant_id',
): Query {
  return query.where(sql<SqlBool>`${sql.ref(column)} = ${tenantOf(principal)}`) as Query
}

/** The id of the tenant somebody acts in, for rows that are written. Throws HF_TENANT_MISSING without one. */
export function tenantOf(principal: Pick<Principal, 'tenant'> | null): string {
  const id = principal?.tenant?.id
  if (id !== undefined && id !== '') return id
  throw new HoldfastError('HF_TENANT_MISSING', 'Rows of a tenant were asked for, and who asks acts in none.', {
    fix: 'Ask for a tenant at the route: requires({ tenant: true }).',
  })
}
