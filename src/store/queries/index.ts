/** The application's own queries: typed, away from Holdfast's tables, and where it has tenants, within one of them. */
import { CompiledQuery, type ColumnType, type Kysely } from 'kysely'
import type { Database } from '../database.ts'
import { TENANT_SETTING } from '../grants/types.ts'
import { guardedDialect, misuse } from './guarded-dialect.ts'
import { refuseReserved } from './reserved-names.ts'
import { scopeToTenant } from './tenant-scope.ts'

/** The application's tables: Holdfast's are not among them, also where a schema was generated from the database. */
export type OwnTables<Schema> = { [Table in keyof Schema as Table extends `hf_${string}` ? never : Table]: Schema[Table] }

/** Each table, with its column that says to which tenant a row belongs; `false` for one whose rows belong to nobody in particular. */
export type TenantTables<Schema> = {
  readonly [Table in keyof OwnTables<Schema>]: (keyof Schema[Table] & string) | false
}

/** The type of such a column: it may be left out of what is inserted, and is never changed. */
export type TenantColumn<Id extends string = string> = ColumnType<Id, Id | undefined, never>

export interface TenantScopeOptions {
  /**
   * Names the tenant to PostgreSQL at the beginning of each transaction, for policies of `holdfast db grants print --tenant`. A statement
   * outside of one then gets one of its own. @default false
   */
  readonly rowSecurity?: boolean
}

/** A query builder on the connections of `database` that cannot name Holdfast's tables. Throws StoreError (`store-misuse`) for those. */
export function applicationDatabase<Schema>(database: Database): Kysely<OwnTables<Schema>> {
  return database.derive((dialect) => guardedDialect(dialect, refuseReserved))
}

/** The same within one tenant; see `tenant-scope.ts`. `tenant` is the id that is stored in the columns. */
export function tenantDatabase<Schema>(
  database: Database,
  tables: TenantTables<Schema>,
  tenant: string,
  { rowSecurity = false }: TenantScopeOptions = {},
): Kysely<OwnTables<Schema>> {
  if (tenant === '') throw misuse('The tenant has no id.', 'Give the one that they act in.')
  const columns = tables as Readonly<Record<string, string | false>>
  const atBegin =
    rowSecurity && database.dialect === 'postgres'
      ? CompiledQuery.raw('SELECT set_config($1, $2, true)', [TENANT_SETTING, tenant])
      : undefined
  return database.derive((dialect) =>
    guardedDialect(dialect, (query) => refuseReserved(scopeToTenant(query, tenant, columns)), atBegin && { atBegin }),
  )
}
