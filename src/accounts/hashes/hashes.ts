/**
 * The only place that reads stored hashes of passwords. On PostgreSQL it asks the functions of `migrations.ts`, so that the
 * application's role may do without reading the columns; SQLite has no roles, and reads them.
 */
import { sql, type Kysely, type Transaction } from 'kysely'
import type { AccountsDatabase, AccountsSchema } from '../schema.ts'

export interface StoredHash {
  readonly value: string
  readonly version: number
}

export interface ImportedHash {
  readonly userId: string
  readonly value: string
}

type On = Kysely<AccountsSchema> | Transaction<AccountsSchema>

export interface Hashes {
  /** The current one, and so many of those before it, the newest first. */
  of(on: On, userId: string, earlier: number): Promise<readonly StoredHash[]>
  /** A page of those that another system made, in the order of their users, after that one. `wrapped`: also those wrapped since. */
  importedAfter(userId: string, most: number, wrapped?: boolean): Promise<readonly ImportedHash[]>
  /** Puts another hash of the same password in the place of this one; `false` when it is no longer there. */
  swap(userId: string, before: string, instead: string, now: number): Promise<boolean>
}

export function createHashes(database: AccountsDatabase): Hashes {
  return database.dialect === 'postgres' ? throughFunctions(database) : fromColumns(database)
}

/** Id, status, hash and version of a user, and whether they wait to be deleted and may still keep the account (`leaving`), by a column of `hf_users`, `?`. Always one row; with NULL as id when there is nobody. */
export function selectWithHash(dialect: AccountsDatabase['dialect'], column: 'id' | 'login_key'): string {
  const user = `FROM (SELECT CAST(? AS text) AS asked) a LEFT JOIN hf_users u ON u.${column} = a.asked
    LEFT JOIN hf_deletions d ON d.user_id = u.id AND d.shut_out = 0`
  const columns = 'u.id, u.status, d.user_id AS leaving'
  // The function is asked in vain for nobody, too: an unknown name is as much work as a known one.
  return dialect === 'postgres'
    ? `SELECT ${columns}, p.value, p.version ${user} LEFT JOIN LATERAL hf_password_hashes(coalesce(u.id, ''), 0) p ON true`
    : `SELECT ${columns}, c.value, c.version ${user} LEFT JOIN hf_credentials c ON c.user_id = u.id AND c.kind = 'password'`
}

function throughFunctions(database: AccountsDatabase): Hashes {
  async function of(on: On, userId: string, earlier: number): Promise<readonly StoredHash[]> {
    const { rows } = await sql<StoredHash>`SELECT value, version FROM hf_password_hashes(${userId}, ${earlier})`.execute(on)
    return rows
  }

  return {
    of,
    async importedAfter(userId, most, wrapped = false) {
      const users = sql<{ id: string }>`SELECT id FROM hf_imported_users(${userId}, ${most}, ${wrapped}) AS id`
      const { rows } = await users.execute(database.kysely)
      const found = []
      for (const { id } of rows) {
        const [current] = await of(database.kysely, id, 0)
        // The user may have signed in meanwhile, or another process may have wrapped it.
        if (current && isImported(current.value, wrapped)) found.push({ userId: id, value: current.value })
      }
      return found
    },
    async swap(userId, before, instead, now) {
      const swap = sql<{ swapped: boolean }>`SELECT hf_password_swap(${userId}, ${before}, ${instead}, ${now}) AS swapped`
      const { rows } = await swap.execute(database.kysely)
      return rows[0]?.swapped === true
    },
  }
}

function fromColumns(database: AccountsDatabase): Hashes {
  return {
    async of(on, userId, earlier) {
      const current = await on
        .selectFrom('hf_credentials')
        .select(['value', 'version'])
        .where('user_id', '=', userId)
        .where('kind', '=', 'password')
        .execute()
      if (earlier <= 0) return current
      const before = await on
        .selectFrom('hf_password_history')
        .select(['value', 'version'])
        .where('user_id', '=', userId)
        .orderBy('version', 'desc')
        .limit(earlier)
        .execute()
      return [...current, ...before]
    },
    async importedAfter(userId, most, wrapped = false) {
      return await database.kysely
        .selectFrom('hf_credentials')
        .select(['user_id as userId', 'value'])
        .where('kind', '=', 'password')
        .where('value', 'not like', '$argon2id$%')
        .$if(!wrapped, (query) => query.where('value', 'not like', '$hf-wrap$%'))
        .where('user_id', '>', userId)
        .orderBy('user_id')
        .limit(most)
        .execute()
    },
    async swap(userId, before, instead, now) {
      const { numUpdatedRows } = await database.kysely
        .updateTable('hf_credentials')
        .set({ value: instead, updated_at: now })
        .where('user_id', '=', userId)
        .where('kind', '=', 'password')
        .where('value', '=', before)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
  }
}

function isImported(value: string, wrapped: boolean): boolean {
  return !value.startsWith('$argon2id$') && (wrapped || !value.startsWith('$hf-wrap$'))
}
