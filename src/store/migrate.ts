/**
 * Brings the schema of a database up to the code: each migration once, in order, all of one start in one transaction, under a lock,
 * so that processes that start at once do not do it twice. Refuses when the database and the code have gone different ways.
 */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Database, Migration } from './database.ts'
import { StoreError } from './errors.ts'
import { readSql } from './sql-text.ts'

export interface MigrateOptions {
  /** The clock that stamps `applied_at`, in milliseconds. @default Date.now */
  readonly now?: () => number
}

interface Applied {
  readonly id: string
  readonly checksum: string
}

const TABLE = `CREATE TABLE IF NOT EXISTS hf_migrations (
  id TEXT PRIMARY KEY, applied_at BIGINT NOT NULL, checksum TEXT NOT NULL)`
const ID = /^([a-z][a-z0-9-]*)-([1-9][0-9]{0,8})$/
/** Statements whose body holds ";". */
const WITH_BODY = /^\s*create\s+(?:or\s+replace\s+)?(?:temp\s+|temporary\s+|constraint\s+)?(?:trigger|function|procedure)\b/i
/** A large table may take longer than the 10 s of a request's statement, and so may the other process that holds the lock. */
const POSTGRES_TIMEOUT = 300_000

/**
 * Applies what is missing; returns the ids applied, in order.
 *
 * Rejects with a StoreError (`store-migration`), before it changes anything, when an applied migration was edited, when the database
 * has one of a part named here that the code does not know (it was made by a newer version), or when one would have to be applied
 * behind a later one of its part. Parts that `migrations` does not name are left alone.
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
  options: MigrateOptions = {},
): Promise<readonly string[]> {
  const { now = Date.now } = options
  checkList(migrations)
  return database.transaction(async (tx) => {
    await lock(database, tx)
    await sql.raw(TABLE).execute(tx)
    const missing = missingOf(migrations, await appliedIn(tx), database.dialect)
    for (const migration of missing) {
      for (const text of textsOf(migration, database.dialect)) await sql.raw(text).execute(tx)
      const row = { id: migration.id, applied_at: now(), checksum: checksumOf(migration, database.dialect) }
      await tx.insertInto('hf_migrations').values(row).execute()
    }
    return missing.map(({ id }) => id)
  })
}

/** The ids that `migrate` would apply now. Changes nothing; rejects for the same reasons. */
export async function pending(database: Database, migrations: readonly Migration[]): Promise<readonly string[]> {
  checkList(migrations)
  const applied = (await isBegun(database)) ? await appliedIn(database.kysely) : []
  return missingOf(migrations, applied, database.dialect).map(({ id }) => id)
}

/** Whether a step was ever applied here: on PostgreSQL in the schema of this connection, not in any other. */
async function isBegun({ dialect, kysely }: Database): Promise<boolean> {
  const query =
    dialect === 'postgres'
      ? sql<{ there: boolean }>`SELECT to_regclass('hf_migrations') IS NOT NULL AS there`
      : sql<{ there: number }>`SELECT count(*) AS there FROM sqlite_master WHERE type = 'table' AND name = 'hf_migrations'`
  const { rows } = await query.execute(kysely)
  return Boolean(rows[0]?.there)
}

/** SQLite's transaction is the lock. PostgreSQL's ends with the transaction; a schema of its own is a database of its own. */
async function lock(database: Database, tx: Kysely<any>): Promise<void> {
  if (database.dialect === 'sqlite') return
  await sql.raw(`SET LOCAL statement_timeout = ${POSTGRES_TIMEOUT}`).execute(tx)
  await sql`SELECT pg_advisory_xact_lock(hashtext('holdfast migrations ' || current_schema()))`.execute(tx)
}

async function appliedIn(kysely: Kysely<any>): Promise<readonly Applied[]> {
  return kysely.selectFrom('hf_migrations').select(['id', 'checksum']).execute() as Promise<Applied[]>
}

function missingOf(
  migrations: readonly Migration[],
  applied: readonly Applied[],
  dialect: Database['dialect'],
): readonly Migration[] {
  const known = new Map(migrations.map((migration) => [migration.id, migration]))
  const parts = new Set(migrations.map(({ id }) => split(id).part))
  const last = new Map<string, number>()
  for (const { id, checksum } of applied) {
    const migration = known.get(id)
    const { part, number } = split(id)
    if (migration === undefined) {
      if (parts.has(part))
        throw refusal(
          `The database has the migration ${id}, which this version does not know: a newer one made it.`,
          'Start that version, or restore a backup from before it.',
        )
      continue
    }
    if (checksum !== checksumOf(migration, dialect)) {
      throw refusal(
        `The migration ${id} was applied in other words than it has now.`,
        'Never edit a released migration: restore its text and add a new one.',
      )
    }
    last.set(part, Math.max(number, last.get(part) ?? 0))
  }
  const done = new Set(applied.map(({ id }) => id))
  const missing = migrations.filter(({ id }) => !done.has(id))
  for (const { id } of missing) {
    const { part, number } = split(id)
    if (number < (last.get(part) ?? 0))
      throw refusal(`The migration ${id} is missing, but a later one of "${part}" was applied.`, 'Give it the next free number.')
  }
  return missing
}

/** A list that is wrong in itself is a mistake of the programmer, wherever it runs. */
function checkList(migrations: readonly Migration[]): void {
  const last = new Map<string, number>()
  for (const { id } of migrations) {
    if (!ID.test(id)) throw refusal(`"${id}" is no id of a migration.`, 'Write <part>-<number>: accounts-1.')
    const { part, number } = split(id)
    if (number <= (last.get(part) ?? 0))
      throw refusal(`The migration ${id} stands twice or behind a later one.`, 'Number them upwards within their part.')
    last.set(part, number)
  }
}

function textsOf(migration: Migration, dialect: Database['dialect']): readonly string[] {
  const texts = migration.up(dialect)
  for (const text of texts) if (!WITH_BODY.test(text)) readSql(text)
  return texts
}

function checksumOf(migration: Migration, dialect: Database['dialect']): string {
  return createHash('sha256')
    .update(JSON.stringify(migration.up(dialect)))
    .digest('hex')
}

function split(id: string): { readonly part: string; readonly number: number } {
  const match = ID.exec(id)
  return { part: match?.[1] ?? id, number: Number(match?.[2] ?? 0) }
}

function refusal(what: string, fix: string): StoreError {
  return new StoreError('store-migration', `${what} ${fix}`)
}
