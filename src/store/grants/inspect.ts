/** What a role of PostgreSQL may do, compared with what it should be able to do: each privilege too many, each too few. */
import { sql, type Kysely } from 'kysely'
import type { Database } from '../database.ts'
import { PRIVILEGES, type GrantPlan, type Privilege, type TableGrant } from './types.ts'

/** One difference. */
export interface Difference {
  readonly kind: 'too-many' | 'too-few'
  /** `SELECT`, `SUPERUSER`, `ownership`, `membership`. */
  readonly privilege: string
  /** On what: a table, `schema public`, `database app`, or the role itself. */
  readonly on: string
  /** Whether it lets the role take every other one for itself, or change what tables are. */
  readonly grave: boolean
}

export type Expected = Pick<GrantPlan, 'tables' | 'functions'>

/** Which connection it is, and in which schema its names are looked for. */
export interface Place {
  readonly role: string
  readonly schema: string
}

/** Roles of the server that reach around every grant: https://www.postgresql.org/docs/current/predefined-roles.html */
const REACHING = [
  ...['pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'],
  ...['pg_database_owner', 'pg_maintain'],
]

/** The role that the database is connected as, and its schema. PostgreSQL only. */
export async function placeOf(database: Database): Promise<Place> {
  const { rows } = await sql<Place>`SELECT current_user AS role, coalesce(current_schema(), 'public') AS schema`.execute(
    database.kysely,
  )
  return rows[0]!
}

/**
 * The differences, the grave ones first; `undefined` when there is no such role. Of tables that are not expected, ownership and what
 * goes beyond reading and writing rows counts as too much.
 */
export async function differences(
  { kysely }: Database,
  { role, schema }: Place,
  expected: Expected,
): Promise<readonly Difference[] | undefined> {
  const attributes = await attributesOf(kysely, role)
  if (attributes === undefined) return undefined
  // A superuser may do everything, and every other question would say so.
  if (attributes.some(({ privilege }) => privilege === 'SUPERUSER')) return attributes
  const found = [
    ...attributes,
    ...(await membershipsOf(kysely, role)),
    ...(await surroundings(kysely, role, schema)),
    ...(await tablesOf(kysely, role, schema, expected.tables)),
    ...(await functionsOf(kysely, role, schema, expected.functions)),
  ]
  return found.toSorted((one, other) => Number(other.grave) - Number(one.grave))
}

const many = (privilege: string, on: string, grave = false): Difference => ({ kind: 'too-many', privilege, on, grave })
const few = (privilege: string, on: string): Difference => ({ kind: 'too-few', privilege, on, grave: false })

async function attributesOf(kysely: Kysely<any>, role: string): Promise<Difference[] | undefined> {
  const { rows } = await sql<Record<string, boolean>>`
    SELECT rolsuper AS "SUPERUSER", rolcreaterole AS "CREATEROLE", rolbypassrls AS "BYPASSRLS",
      rolcreatedb AS "CREATEDB", rolreplication AS "REPLICATION"
    FROM pg_roles WHERE rolname = ${role}`.execute(kysely)
  return rows[0] && Object.entries(rows[0]).flatMap(([name, has]) => (has ? [many(name, `role ${role}`, true)] : []))
}

async function membershipsOf(kysely: Kysely<any>, role: string): Promise<Difference[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT rolname AS name FROM pg_roles
    WHERE rolname IN (${sql.join(REACHING)}) AND pg_has_role(${role}, oid, 'MEMBER')`.execute(kysely)
  return rows.map(({ name }) => many('membership', `role ${name}`, true))
}

async function surroundings(kysely: Kysely<any>, role: string, schema: string): Promise<Difference[]> {
  const { rows } = await sql<Record<'database', string> & Record<'uses' | 'creates' | 'schemas' | 'temporary', boolean>>`
    SELECT current_database() AS database,
      has_schema_privilege(${role}, ${schema}, 'USAGE') AS uses,
      has_schema_privilege(${role}, ${schema}, 'CREATE') AS creates,
      has_database_privilege(${role}, current_database(), 'CREATE') AS schemas,
      has_database_privilege(${role}, current_database(), 'TEMPORARY') AS temporary`.execute(kysely)
  const { database, uses, creates, schemas, temporary } = rows[0]!
  return [
    ...(creates ? [many('CREATE', `schema ${schema}`, true)] : []),
    ...(schemas ? [many('CREATE', `database ${database}`, true)] : []),
    ...(temporary ? [many('TEMPORARY', `database ${database}`)] : []),
    ...(uses ? [] : [few('USAGE', `schema ${schema}`)]),
  ]
}

interface Held extends Record<Privilege, boolean> {
  readonly name: string
  readonly owns: boolean
  /** Columns that it may read, whether by the table or by themselves. */
  readonly reads: readonly string[]
}

async function tablesOf(kysely: Kysely<any>, role: string, schema: string, tables: readonly TableGrant[]): Promise<Difference[]> {
  const held = PRIVILEGES.map((privilege) => sql`has_table_privilege(${role}, c.oid, ${privilege}) AS ${sql.id(privilege)}`)
  const { rows } = await sql<Held>`
    SELECT c.relname AS name, pg_has_role(${role}, c.relowner, 'MEMBER') AS owns, ${sql.join(held)},
      ARRAY(SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(${role}, c.oid, a.attnum, 'SELECT')) AS reads
    FROM pg_class c WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = ${schema})
      AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname`.execute(kysely)
  const known = new Map(tables.map((grant) => [grant.table, grant]))
  const there = new Set(rows.map(({ name }) => name))
  return [
    ...rows.flatMap((row) => compare(row, known.get(row.name))),
    ...tables.filter(({ table }) => !there.has(table)).map(({ table }) => few('the table itself', table)),
  ]
}

function compare(row: Held, grant: TableGrant | undefined): Difference[] {
  // An owner holds every privilege by being one: said once.
  if (row.owns) return [many('ownership', row.name, true)]
  const may: readonly Privilege[] = grant?.may ?? ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
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

async function functionsOf(
  kysely: Kysely<any>,
  role: string,
  schema: string,
  functions: readonly string[],
): Promise<Difference[]> {
  const found = []
  for (const name of functions) {
    const place = `"${schema.replaceAll('"', '""')}".${name}`
    const { rows } = await sql<{ may: boolean | null }>`
      SELECT has_function_privilege(${role}, to_regprocedure(${place}), 'EXECUTE') AS may`.execute(kysely)
    if (rows[0]?.may !== true) found.push(few('EXECUTE', name))
  }
  return found
}
