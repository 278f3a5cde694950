/** What an application gets of the database: its own tables, typed, and rows of the tenant somebody acts in. */
import type { Kysely } from 'kysely'
import { tenantOf } from '../accounts/index.ts'
import { HoldfastError } from '../engine/errors.ts'
import type { Principal } from '../engine/facts.ts'
import type { Database } from '../store/database.ts'
import {
  applicationDatabase,
  tenantDatabase,
  type OwnTables,
  type TenantScopeOptions,
  type TenantTables,
} from '../store/queries/index.ts'

/** Gives the database of one tenant. */
export interface TenantScope<Schema> {
  /** Of the tenant that they act in. Throws HF_TENANT_MISSING without one. */
  of(who: Pick<Principal, 'tenant'> | null): Kysely<OwnTables<Schema>>
  /** Of the tenant with that id: for work that nobody asked for in a request. */
  ofId(tenant: string): Kysely<OwnTables<Schema>>
}

export interface ApplicationDatabases {
  /**
   * The application's own tables on the connections that Holdfast opened. Naming one of Holdfast's is refused when the query runs.
   *
   * @example
   * const db = holdfast.database<{ notes: { id: string; owner: string; text: string } }>()
   * const notes = await db.selectFrom('notes').selectAll().where('owner', '=', userId).execute()
   */
  database<Schema>(): Kysely<OwnTables<Schema>>
  /**
   * The same, where rows belong to tenants: every table says by which column, or `false`. Every query is kept within the tenant.
   *
   * @example
   * const tenants = holdfast.tenantScope<Schema>({ notes: 'tenant_id', countries: false })
   * const notes = await tenants.of(holdfast.of(request).principal).selectFrom('notes').selectAll().execute()
   */
  tenantScope<Schema>(tables: TenantTables<Schema>, options?: TenantScopeOptions): TenantScope<Schema>
}

/** Builders are kept for the tenants of late: each prepares as little as a class, and some have many. */
const MOST_KEPT = 1000

export function applicationDatabases(database: Database): ApplicationDatabases {
  const own = applicationDatabase<any>(database)
  return {
    database: () => own,
    tenantScope<Schema>(tables: TenantTables<Schema>, options: TenantScopeOptions = {}) {
      checkTables(tables)
      const kept = new Map<string, Kysely<OwnTables<Schema>>>()
      function ofId(tenant: string): Kysely<OwnTables<Schema>> {
        let scoped = kept.get(tenant)
        if (scoped === undefined) {
          if (kept.size >= MOST_KEPT) kept.clear()
          kept.set(tenant, (scoped = tenantDatabase<Schema>(database, tables, tenant, options)))
        }
        return scoped
      }
      return { ofId, of: (who) => ofId(tenantOf(who)) }
    },
  }
}

function checkTables(tables: Readonly<Record<string, unknown>>): void {
  const columns = Object.entries(tables)
  const wrong = columns.find(([, column]) => column !== false && (typeof column !== 'string' || column === ''))
  if (wrong)
    throw new HoldfastError('HF_OPTION_INVALID', `tenantScope: "${wrong[0]}" names no column.`, {
      fix: 'Give the name of the column with the id of the tenant, or false.',
    })
  if (!columns.some(([, column]) => column !== false))
    throw new HoldfastError('HF_OPTION_INVALID', 'tenantScope: no table belongs to tenants.', { fix: 'Use database() for that.' })
}
