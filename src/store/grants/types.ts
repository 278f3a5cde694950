/** What a part of Holdfast says about its tables, so that the application's role gets exactly that on PostgreSQL. */

export const PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'] as const
export type Privilege = (typeof PRIVILEGES)[number]

/** What the application may do with a table. Each part declares its own; `src/database/table-grants.ts` is THE LIST. */
export interface TableGrant {
  readonly table: string
  readonly may: readonly Privilege[]
  /** The only columns that it may read, where there are others that it may not. `may` then does not name SELECT. */
  readonly reads?: readonly string[]
}

/** Rows come, change and go. */
export const READ_WRITE: readonly Privilege[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
/** Rows come and stay: a log that nobody rewrites. */
export const APPEND: readonly Privilege[] = ['SELECT', 'INSERT']
export const READ: readonly Privilege[] = ['SELECT']
/** With `reads`: rows may be written, and some of their columns not be read. */
export const WRITE: readonly Privilege[] = ['INSERT', 'UPDATE', 'DELETE']

/** Everything that is granted, to whom and where. */
export interface GrantPlan {
  /** Owns the tables and runs `holdfast migrate`. */
  readonly owner: string
  /** What the application connects as. */
  readonly application: string
  readonly schema: string
  readonly tables: readonly TableGrant[]
  /** With the types of their arguments: `hf_password_swap(text, text, text, bigint)`. */
  readonly functions: readonly string[]
  /** Tables whose rows belong to tenants, and the column that says to which. */
  readonly tenants: readonly { readonly table: string; readonly column: string }[]
}

/** The setting that policies of row-level security compare with, for one transaction. */
export const TENANT_SETTING = 'holdfast.tenant'

/** The name of those policies. */
export const TENANT_POLICY = 'holdfast_tenant'

/** Names are quoted wherever they stand; what would need more than that is refused. */
export const SQL_NAME = /^[a-z_][a-z0-9_]{0,62}$/i

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
