/**
 * What the application's connection to PostgreSQL may do, looked at when it starts: as a superuser or as the owner of its tables, one
 * injected statement could change what tables are, empty them, or read past every policy (OWASP ASVS 5.0 13.2.2, CWE-250).
 */
import { HoldfastError } from '../engine/errors.ts'
import type { Finding } from '../engine/finding.ts'
import { checkInsecure, type Insecure } from '../engine/options.ts'
import type { Database, Migration } from '../store/database.ts'
import { differences, placeOf, type Difference, type Place } from '../store/grants/inspect.ts'
import { migrate, pending } from '../store/migrate.ts'
import { functionGrants, tableGrants } from './table-grants.ts'

interface Asked {
  readonly production: boolean
  readonly now: () => number
  /** Lets it be in production, until a day. */
  readonly insecure: Insecure | undefined
  readonly migrations: readonly Migration[]
}

/**
 * Brings the tables up to the code where the role may, or throws HF_DATABASE_BEHIND where it may not; then says what the role may do
 * too much. Throws HF_DATABASE_ROLE in production for what is grave, and anywhere for a privilege that is missing.
 */
export async function openSchema(database: Database, asked: Asked): Promise<readonly Finding[]> {
  if (database.dialect === 'sqlite') {
    await migrate(database, asked.migrations)
    return []
  }
  if (asked.insecure) checkInsecure('insecureDatabaseOwner', asked.insecure, asked.now())
  const place = await placeOf(database)
  const look = async () => (await differences(database, place, { tables: tableGrants, functions: functionGrants })) ?? []
  const first = await look()
  // Before tables are made: they would have the wrong owner.
  refuseGrave(place, first, asked)
  if (first.some(({ privilege, on }) => privilege === 'SELECT' && on === 'hf_migrations')) refuseLacking(place, first)
  const behind = await pending(database, asked.migrations)
  if (behind.length > 0) await bringUp(database, behind, first, asked)
  const found = behind.length > 0 ? await look() : first
  refuseLacking(place, found)
  return findingsOf(place, found)
}

async function bringUp(
  database: Database,
  behind: readonly string[],
  found: readonly Difference[],
  { migrations }: Asked,
): Promise<void> {
  if (found.some(({ grave }) => grave)) return void (await migrate(database, migrations))
  throw new HoldfastError('HF_DATABASE_BEHIND', `The database is behind this version by ${behind.join(', ')}.`, {
    fix: 'Run "holdfast migrate" as the owner of the tables, then the SQL of "holdfast db grants print --only tables".',
  })
}

function refuseGrave({ role }: Place, found: readonly Difference[], { production, insecure }: Asked): void {
  const grave = found.filter((one) => one.grave)
  if (grave.length === 0 || !production || insecure) return
  throw new HoldfastError('HF_DATABASE_ROLE', `The application connects to PostgreSQL as "${role}", which has ${said(grave)}.`, {
    fix:
      'Make a role for it with the SQL of "holdfast db grants print", connect as that, and run "holdfast migrate" as the owner; ' +
      `or write insecureDatabaseOwner: { reason: 'why', until: 'YYYY-MM-DD' }.`,
  })
}

function refuseLacking({ role }: Place, found: readonly Difference[]): void {
  const lacking = found.filter(({ kind }) => kind === 'too-few')
  if (lacking.length === 0) return
  throw new HoldfastError('HF_DATABASE_ROLE', `The role "${role}" lacks ${said(lacking)}.`, {
    fix: 'Run the SQL of "holdfast db grants print --only tables" as the owner of the tables.',
  })
}

function findingsOf({ role }: Place, found: readonly Difference[]): readonly Finding[] {
  const fix = 'Run the SQL of "holdfast db grants print"; "holdfast db grants check" names what is left.'
  const [grave, other] = [found.filter((one) => one.grave), found.filter((one) => !one.grave)]
  const what = (some: readonly Difference[]) => `The application connects to PostgreSQL as "${role}", which has ${said(some)}.`
  return [
    ...(grave.length > 0 ? [{ id: 'HF-DATABASE-1', severity: 'high', what: what(grave), fix } as const] : []),
    ...(other.length > 0 ? [{ id: 'HF-DATABASE-2', severity: 'medium', what: what(other), fix } as const] : []),
  ]
}

const MOST_SAID = 4

/** `CREATE on schema public, ownership of hf_users and 24 more`. */
function said(found: readonly Difference[]): string {
  const words = found.slice(0, MOST_SAID).map(({ privilege, on }) => `${privilege} of ${on}`)
  return `${words.join(', ')}${found.length > MOST_SAID ? ` and ${found.length - MOST_SAID} more` : ''}`
}
