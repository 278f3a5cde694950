/** What a role of PostgreSQL may do, compared with what it should be able to do: each privilege too many, each too few. */
import { sql, type Kysely } from 'kysely'
import type { Database } from '../database.ts'
import { few, many, type Difference } from './difference.ts'
import { functionsOf, policiesOf, sequencesOf, tablesOf } from './inspect-objects.ts'
import type { GrantPlan } from './types.ts'

export type { Difference } from './difference.ts'

export type Expected = Pick<GrantPlan, 'tables' | 'functions'> & Partial<Pick<GrantPlan, 'tenants'>>

/** Which connection it is, and in which schema its names are looked for. */
export interface Place {
  readonly role: string
  readonly schema: string
  /** Who signed in, and who `RESET ROLE` makes of it again; left out where no connection is meant. */
  readonly session?: string
}

/** Roles of the server that reach around every grant: https://www.postgresql.org/docs/current/predefined-roles.html */
const REACHING = [
  ...['pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'],
  ...['pg_database_owner', 'pg_maintain'],
]

/** The role that the database is connected as, and its schema. PostgreSQL only. */
export async function placeOf(database: Database): Promise<Place> {
  const { rows } = await sql<Place>`
    SELECT current_user AS role, session_user AS session, coalesce(current_schema(), 'public') AS schema`.execute(database.kysely)
  return rows[0]!
}

/**
 * The differences, the grave ones first; `undefined` when there is no such role. Of tables that are not expected, ownership and what
 * goes beyond reading and writing rows counts as too much.
 */
export async function differences(
  { kysely }: Database,
  { role, schema, session = role }: Place,
  expected: Expected,
): Promise<readonly Difference[] | undefined> {
  const own = await ofRole(kysely, role, schema, expected)
  if (own === undefined) return undefined
  // An injected RESET ROLE is whoever signed in.
  const behind = session === role ? [] : ((await ofRole(kysely, session, schema, expected)) ?? []).filter(({ grave }) => grave)
  return [...behind, ...own].toSorted((one, other) => Number(other.grave) - Number(one.grave))
}

async function ofRole(
  kysely: Kysely<any>,
  role: string,
  schema: string,
  { tables, functions, tenants = [] }: Expected,
): Promise<readonly Difference[] | undefined> {
  const attributes = await attributesOf(kysely, role)
  if (attributes === undefined) return undefined
  // A superuser may do everything, and every other question would say so.
  if (attributes.some(({ privilege }) => privilege === 'SUPERUSER')) return attributes
  return [
    ...attributes,
    ...(await membershipsOf(kysely, role)),
    ...(await surroundings(kysely, role, schema)),
    ...(await tablesOf(kysely, role, schema, tables)),
    ...(await sequencesOf(kysely, role, schema)),
    ...(await functionsOf(kysely, role, schema, functions)),
    ...(await policiesOf(kysely, role, schema, tenants)),
  ]
}

async function attributesOf(kysely: Kysely<any>, role: string): Promise<Difference[] | undefined> {
  const { rows } = await sql<Record<string, boolean>>`
    SELECT rolsuper AS "SUPERUSER", rolcreaterole AS "CREATEROLE", rolbypassrls AS "BYPASSRLS",
      rolcreatedb AS "CREATEDB", rolreplication AS "REPLICATION"
    FROM pg_roles WHERE rolname = ${role}`.execute(kysely)
  return rows[0] && Object.entries(rows[0]).flatMap(([name, has]) => (has ? [many(name, `role ${role}`, true)] : []))
}

/** What is taken on by SET ROLE counts as held. */
async function membershipsOf(kysely: Kysely<any>, role: string): Promise<Difference[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT rolname AS name FROM pg_roles
    WHERE rolname <> ${role} AND pg_has_role(${role}, oid, 'MEMBER')
      AND (rolname IN (${sql.join(REACHING)}) OR rolsuper OR rolcreaterole OR rolbypassrls OR rolcreatedb OR rolreplication)
    ORDER BY rolname`.execute(kysely)
  return rows.map(({ name }) => many('membership', `role ${name}`, true))
}

async function surroundings(kysely: Kysely<any>, role: string, schema: string): Promise<Difference[]> {
  const { rows } = await sql<
    Record<'database', string> & Record<'uses' | 'makes' | 'temporary', boolean> & { creates: string[] }
  >`
    SELECT current_database() AS database,
      coalesce(has_schema_privilege(${role}, to_regnamespace(quote_ident(${schema})), 'USAGE'), false) AS uses,
      ARRAY(SELECT nspname::text FROM pg_namespace
        WHERE has_schema_privilege(${role}, oid, 'CREATE') AND nspname !~ '^pg_(?:toast_)?temp_' ORDER BY nspname) AS creates,
      has_database_privilege(${role}, current_database(), 'CREATE') AS makes,
      has_database_privilege(${role}, current_database(), 'TEMPORARY') AS temporary`.execute(kysely)
  const { database, uses, creates, makes, temporary } = rows[0]!
  return [
    ...creates.map((name) => many('CREATE', `schema ${name}`, name === schema)),
    ...(makes ? [many('CREATE', `database ${database}`, true)] : []),
    ...(temporary ? [many('TEMPORARY', `database ${database}`)] : []),
    ...(uses ? [] : [few('USAGE', `schema ${schema}`)]),
  ]
}
