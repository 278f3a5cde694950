/** What a role may do with tables, sequences and functions, and what policies let it see, compared with what it should. */
import { sql, type Kysely } from 'kysely'
import { few, many, type Difference } from './difference.ts'
import {
  PRIVILEGES,
  quoted,
  READ_WRITE,
  TENANT_POLICY,
  TENANT_SETTING,
  type GrantPlan,
  type Privilege,
  type TableGrant,
} from './types.ts'

interface Held extends Record<Privilege, boolean> {
  readonly name: string
  readonly owns: boolean
  /** Columns that it may read, whether by the table or by themselves. */
  readonly reads: readonly string[]
  /** Of which it is a part. */
  readonly root: string | null
}

export async function tablesOf(
  kysely: Kysely<any>,
  role: string,
  schema: string,
  tables: readonly TableGrant[],
): Promise<Difference[]> {
  const held = PRIVILEGES.map((privilege) => sql`has_table_privilege(${role}, c.oid, ${privilege}) AS ${sql.id(privilege)}`)
  const { rows } = await sql<Held>`
    SELECT c.relname AS name, pg_has_role(${role}, c.relowner, 'MEMBER') AS owns, ${sql.join(held)},
      ARRAY(SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(${role}, c.oid, a.attnum, 'SELECT')) AS reads,
      (SELECT r.relname FROM pg_class r WHERE c.relispartition AND r.oid = pg_partition_root(c.oid)) AS root
    FROM pg_class c WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = ${schema})
      AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname`.execute(kysely)
  const known = new Map(tables.map((grant) => [grant.table, grant]))
  const there = new Set(rows.map(({ name }) => name))
  return [
    ...rows.flatMap((row) => compare(row, known.get(row.name), known.get(row.root ?? ''))),
    ...tables.filter(({ table }) => !there.has(table)).map(({ table }) => few('the table itself', table)),
  ]
}

/** `whole`: what is agreed for the table of which this one is a part. Rows of a log could be deleted in the part alone. */
function compare(row: Held, grant: TableGrant | undefined, whole: TableGrant | undefined): Difference[] {
  // An owner holds every privilege by being one: said once.
  if (row.owns) return [many('ownership', row.name, true)]
  const may: readonly Privilege[] = (grant ?? whole)?.may ?? READ_WRITE
  const beyond = PRIVILEGES.filter((privilege) => row[privilege] && !may.includes(privilege))
  const lacking = grant ? may.filter((privilege) => !row[privilege]) : []
  const { reads } = grant ?? {}
  const columns = reads === undefined ? [] : row.reads.filter((name) => !reads.includes(name))
  const missing = (reads ?? []).filter((name) => !row.reads.includes(name))
  return [
    ...beyond.filter((privilege) => reads === undefined || privilege !== 'SELECT').map((privilege) => many(privilege, row.name)),
    ...columns.map((name) => many('SELECT', `${row.name}.${name}`)),
    ...lacking.map((privilege) => few(privilege, row.name)),
    ...missing.map((name) => few('SELECT', `${row.name}.${name}`)),
  ]
}

/** Of Holdfast's alone: the order of its log comes from one, which may go forward only. */
export async function sequencesOf(kysely: Kysely<any>, role: string, schema: string): Promise<Difference[]> {
  const { rows } = await sql<Record<'name', string> & Record<'owns' | 'uses' | 'sets', boolean>>`
    SELECT c.relname AS name, pg_has_role(${role}, c.relowner, 'MEMBER') AS owns,
      has_sequence_privilege(${role}, c.oid, 'USAGE') AS uses, has_sequence_privilege(${role}, c.oid, 'UPDATE') AS sets
    FROM pg_class c WHERE c.relnamespace = to_regnamespace(quote_ident(${schema})) AND c.relkind = 'S' AND c.relname LIKE 'hf\\_%'
    ORDER BY c.relname`.execute(kysely)
  return rows.flatMap(({ name, owns, uses, sets }) => {
    if (owns) return [many('ownership', name, true)]
    return [...(sets ? [many('UPDATE', name)] : []), ...(uses ? [] : [few('USAGE', name)])]
  })
}

export async function functionsOf(
  kysely: Kysely<any>,
  role: string,
  schema: string,
  functions: readonly string[],
): Promise<Difference[]> {
  const found = []
  for (const name of functions) {
    const place = `${quoted(schema)}.${name}`
    const { rows } = await sql<{ may: boolean; owns: boolean }>`
      SELECT has_function_privilege(${role}, oid, 'EXECUTE') AS may, pg_has_role(${role}, proowner, 'MEMBER') AS owns
      FROM pg_proc WHERE oid = to_regprocedure(${place})`.execute(kysely)
    if (rows[0]?.owns === true) found.push(many('ownership', name, true))
    else if (rows[0]?.may !== true) found.push(few('EXECUTE', name))
  }
  return found
}

/** Policies add up: one beside ours lets rows through that ours would not. */
export async function policiesOf(
  kysely: Kysely<any>,
  role: string,
  schema: string,
  tenants: GrantPlan['tenants'],
): Promise<Difference[]> {
  const found: Difference[] = []
  for (const { table } of tenants) {
    const { rows } = await sql<{ enforced: boolean; name: string | null; read: string | null; written: string | null }>`
      SELECT c.relrowsecurity AS enforced, p.polname::text AS name,
        pg_get_expr(p.polqual, c.oid) AS read, pg_get_expr(p.polwithcheck, c.oid) AS written
      FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polpermissive
        AND EXISTS (SELECT FROM unnest(p.polroles) one WHERE one = 0 OR pg_has_role(${role}, one, 'MEMBER'))
      WHERE c.relnamespace = to_regnamespace(quote_ident(${schema})) AND c.relname = ${table} ORDER BY p.polname`.execute(kysely)
    if (rows[0]?.enforced === false) found.push(few('row-level security', table))
    const isOurs = ({ name, read, written }: (typeof rows)[number]) =>
      name === TENANT_POLICY && read === written && read?.includes(`current_setting('${TENANT_SETTING}'`) === true
    if (rows.length > 0 && !rows.some(isOurs)) found.push(few(`policy ${TENANT_POLICY}`, table))
    for (const row of rows) if (row.name !== null && !isOurs(row)) found.push(many(`policy ${row.name}`, table))
  }
  return found
}
