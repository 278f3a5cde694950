/**
 * The SQL that makes two roles of a PostgreSQL database: an owner, which runs migrations, and the application, which can neither change
 * a table's shape nor empty it. All of it may be run again, also over roles that had more.
 * Sources: OWASP ASVS 5.0 13.2.2; https://www.postgresql.org/docs/current/sql-grant.html, …/ddl-rowsecurity.html
 */
import { quoted, TENANT_POLICY, TENANT_SETTING, type GrantPlan, type TableGrant } from './types.ts'

/** The roles, the schema, and who owns what is there already. For an administrator of the server. */
export function roleStatements({ owner, application, schema }: GrantPlan): readonly string[] {
  const [by, to, within] = [quoted(owner), quoted(application), quoted(schema)]
  const none = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS'
  return [
    ...[owner, application].map(makeRole),
    `ALTER ROLE ${by} ${none}`,
    `ALTER ROLE ${to} ${none}`,
    `CREATE SCHEMA IF NOT EXISTS ${within}`,
    `ALTER SCHEMA ${within} OWNER TO ${by}`,
    `REVOKE ALL ON SCHEMA ${within} FROM PUBLIC, ${to}`,
    `GRANT USAGE ON SCHEMA ${within} TO ${to}`,
    block(
      [
        'EXECUTE format(',
        `  'REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC, ${to}', current_database());`,
        `EXECUTE format('GRANT CONNECT ON DATABASE %I TO ${by}, ${to}', current_database());`,
      ],
      '',
    ),
    takeOver(owner, application, schema),
  ]
}

/** What the application may do with each table. For the owner, after `holdfast migrate`, and again after each upgrade. */
export function tableStatements({ application, schema, tables, functions, tenants }: GrantPlan): readonly string[] {
  const to = quoted(application)
  const place = (name: string) => `${quoted(schema)}.${quoted(name)}`
  const list = (of: readonly TableGrant[]) => of.map(({ table }) => place(table)).join(', ')
  const whole = tables.filter(({ reads }) => reads === undefined)
  const alike = Map.groupBy(whole, ({ may }) => may.join(', '))
  return [
    `REVOKE ALL ON ${list(tables)} FROM PUBLIC, ${to}`,
    revokeParts(application, schema),
    ...[...alike].map(([privileges, of]) => `GRANT ${privileges} ON ${list(of)} TO ${to}`),
    ...tables.flatMap(({ table, may, reads }) =>
      reads ? [`GRANT ${[`SELECT (${reads.map(quoted).join(', ')})`, ...may].join(', ')} ON ${place(table)} TO ${to}`] : [],
    ),
    ...functions.flatMap((name) => [
      `REVOKE ALL ON FUNCTION ${quoted(schema)}.${name} FROM PUBLIC`,
      `GRANT EXECUTE ON FUNCTION ${quoted(schema)}.${name} TO ${to}`,
    ]),
    `REVOKE UPDATE ON ALL SEQUENCES IN SCHEMA ${quoted(schema)} FROM PUBLIC, ${to}`,
    `GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${quoted(schema)} TO ${to}`,
    ...tenants.flatMap(({ table, column }) => policy(place(table), column, to)),
  ]
}

/** Parts of our tables are reached through the whole; GRANT ... ON ALL TABLES gave each by itself. */
function revokeParts(application: string, schema: string): string {
  return block(
    [
      `FOR one IN SELECT c.oid::regclass::text FROM pg_class c JOIN pg_class r ON r.oid = pg_partition_root(c.oid)`,
      `  WHERE c.relispartition AND c.relkind IN ('r', 'p') AND r.relname LIKE 'hf\\_%'`,
      `    AND r.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = '${schema}') LOOP`,
      `  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, %I', one, '${application}');`,
      'END LOOP;',
    ],
    'DECLARE one text; ',
  )
}

/** The second wall behind `tenantScope`: without a tenant of the transaction there are no rows, neither to read nor to write. */
function policy(table: string, column: string, to: string): readonly string[] {
  const own = `(${quoted(column)} = current_setting('${TENANT_SETTING}', true))`
  return [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    `DROP POLICY IF EXISTS ${TENANT_POLICY} ON ${table}`,
    `CREATE POLICY ${TENANT_POLICY} ON ${table} TO ${to} USING ${own} WITH CHECK ${own}`,
  ]
}

function makeRole(name: string): string {
  return block([`IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') THEN CREATE ROLE ${quoted(name)}; END IF;`], '')
}

/** Our tables and functions, and what the application's role made for itself, go to the owner. */
function takeOver(owner: string, application: string, schema: string): string {
  const mine = (column: string, name: string) =>
    `(${name} LIKE 'hf\\_%' OR ${column} = (SELECT oid FROM pg_roles WHERE rolname = '${application}'))`
  const of = (column: string) => `${column} = (SELECT oid FROM pg_namespace WHERE nspname = '${schema}')`
  const alter = (kind: string) => `  EXECUTE format('ALTER ${kind} %s OWNER TO %I', one, '${owner}');`
  return block(
    [
      `FOR one IN SELECT c.oid::regclass::text FROM pg_class c`,
      `  WHERE ${of('c.relnamespace')} AND c.relkind IN ('r', 'p', 'v', 'm') AND ${mine('c.relowner', 'c.relname')} LOOP`,
      alter('TABLE'),
      'END LOOP;',
      // Those of a column go with their table.
      `FOR one IN SELECT c.oid::regclass::text FROM pg_class c`,
      `  WHERE ${of('c.relnamespace')} AND c.relkind = 'S' AND ${mine('c.relowner', 'c.relname')}`,
      `    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i')) LOOP`,
      alter('SEQUENCE'),
      'END LOOP;',
      `FOR one IN SELECT p.oid::regprocedure::text FROM pg_proc p`,
      `  WHERE ${of('p.pronamespace')} AND ${mine('p.proowner', 'p.proname')} LOOP`,
      alter('ROUTINE'),
      'END LOOP;',
    ],
    'DECLARE one text; ',
  )
}

function block(lines: readonly string[], declare: string): string {
  return [`DO $grants$ ${declare}BEGIN`, ...lines.map((line) => `  ${line}`), 'END $grants$'].join('\n')
}
