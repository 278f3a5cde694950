/** A schema of PostgreSQL with an owner and an application's role, made by what `holdfast db grants print` prints. For tests. */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { migrations } from '../../src/index.ts'
import type { Database, Migration } from '../../src/store/database.ts'
import { roleStatements, tableStatements } from '../../src/store/grants/statements.ts'
import { READ_WRITE, type GrantPlan } from '../../src/store/grants/types.ts'
import { migrate } from '../../src/store/migrate.ts'
import { postgres } from '../../src/store/postgres.ts'
import { functionGrants, tableGrants, withReadableHashes } from '../../src/database/table-grants.ts'
import { freshPostgres } from './services.ts'

export interface Roles {
  readonly plan: GrantPlan
  /** As the administrator of the server. */
  readonly admin: Database & { readonly url: string }
  readonly ownerUrl: string
  readonly applicationUrl: string
  readonly owner: Database
  readonly application: Database
  run(database: Database, statements: readonly string[]): Promise<void>
  /** Ends the connections and drops schema and roles. */
  close(): Promise<void>
}

export interface RolesOptions {
  /** The application's own tables. */
  readonly own?: readonly Migration[]
  readonly tables?: readonly string[]
  readonly tenants?: GrantPlan['tenants']
  /** How hashes may be read. @default 'function' */
  readonly hashes?: 'function' | 'columns'
  /** Leaves the tables to the test: only roles and schema are there. @default true */
  readonly migrated?: boolean
}

export async function withRoles({
  own = [],
  tables = [],
  tenants = [],
  hashes = 'function',
  migrated = true,
}: RolesOptions = {}): Promise<Roles> {
  const admin = await freshPostgres()
  const name = randomBytes(6).toString('hex')
  const [owner, application] = [`hf_owner_${name}`, `hf_app_${name}`]
  const schema = new URL(admin.url).searchParams.get('options')!.split('=')[1]!
  const plan: GrantPlan = {
    ...{ owner, application, schema, functions: functionGrants, tenants },
    tables: [
      ...(hashes === 'function' ? tableGrants : withReadableHashes),
      ...tables.map((table) => ({ table, may: READ_WRITE })),
    ],
  }
  const password = randomBytes(16).toString('hex')
  // Where the server trusts its own machine, none is asked for; elsewhere it is needed.
  const passwords = [owner, application].map((role) => `ALTER ROLE "${role}" PASSWORD '${password}'`)
  await run(admin, [...roleStatements(plan), ...passwords])
  const urls = [owner, application].map((role) => urlFor(admin.url, role, password)) as [string, string]
  const [asOwner, asApplication] = urls.map((url) => postgres(url, { poolSize: 5 })) as [Database, Database]
  if (migrated) {
    await migrate(asOwner, [...migrations, ...own])
    await run(asOwner, tableStatements(plan))
  }
  return {
    ...{ plan, admin, ownerUrl: urls[0], applicationUrl: urls[1], owner: asOwner, application: asApplication, run },
    async close() {
      await asOwner.close()
      await asApplication.close()
      const both = `"${owner}", "${application}"`
      await run(admin, [`DROP OWNED BY ${both} CASCADE`, `DROP ROLE ${both}`]).finally(() => admin.close())
    },
  }
}

/** One test file at a time: they all change the rights of one database. */
async function run(database: Database, statements: readonly string[]): Promise<void> {
  await database.transaction(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(hashtext('holdfast tests of roles'))`.execute(tx)
    for (const text of statements) await sql.raw(text).execute(tx)
  })
}

function urlFor(address: string, role: string, password: string): string {
  const url = new URL(address)
  url.username = role
  url.password = password
  return url.href.replaceAll('+', '%20')
}
