/**
 * The statements behind the atomic verbs. Each verb is one statement that checks and changes in one step under the lock of its row,
 * which is what makes exactly one winner in both dialects: https://www.postgresql.org/docs/current/transaction-iso.html#XACT-READ-COMMITTED,
 * https://www.sqlite.org/lang_upsert.html
 */
import type { Database, Migration } from './database.ts'

/** TATs are microseconds, the rest milliseconds, since 1970. */
export const atomicMigrations: readonly Migration[] = [
  {
    id: 'store-1',
    up: (dialect) => {
      // The key is the whole row's place: one lookup instead of an index and a table.
      const end = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        `CREATE TABLE hf_rate (key TEXT PRIMARY KEY, tat BIGINT NOT NULL)${end}`,
        `CREATE TABLE hf_value (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at BIGINT NOT NULL)${end}`,
        'CREATE INDEX hf_value_expires_at ON hf_value (expires_at)',
      ]
    },
  },
]

const LIVE = 'hf_value.expires_at > ?'
const GONE = 'hf_value.expires_at <= ?'

/** Whether the stored value is a count (decimal digits), asked before it is cast. */
const IS_COUNT: Record<Database['dialect'], string> = {
  sqlite: `hf_value.value <> '' AND length(hf_value.value) <= 15 AND hf_value.value NOT GLOB '*[^0-9]*'`,
  postgres: `hf_value.value ~ '^[0-9]{1,15}$'`,
}

export function atomicStatements(dialect: Database['dialect']) {
  return {
    /** key, now + increment, now, now, increment, ceiling → tat; nothing when refused. */
    take: `INSERT INTO hf_rate (key, tat) VALUES (?, ?)
      ON CONFLICT (key) DO UPDATE SET tat = CASE WHEN hf_rate.tat > ? THEN hf_rate.tat ELSE ? END + ?
      WHERE hf_rate.tat <= ? RETURNING tat`,
    /** key → tat */
    look: 'SELECT tat FROM hf_rate WHERE key = ?',
    /** key */
    forgive: 'DELETE FROM hf_rate WHERE key = ?',
    /** key, value, expires_at */
    put: `INSERT INTO hf_value (key, value, expires_at) VALUES (?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
    /** key, now → value */
    get: `SELECT value FROM hf_value WHERE key = ? AND ${LIVE}`,
    /** key */
    delete: 'DELETE FROM hf_value WHERE key = ?',
    /** key, now → value */
    consume: `DELETE FROM hf_value WHERE key = ? AND ${LIVE} RETURNING value`,
    /** key, expires_at, now, now, now, limit → value; nothing when refused. Never inserts with a limit of 0: the caller looks first. */
    increment: `INSERT INTO hf_value (key, value, expires_at) VALUES (?, '1', ?)
      ON CONFLICT (key) DO UPDATE SET
        value = CASE WHEN ${GONE} THEN '1' ELSE CAST(CAST(hf_value.value AS BIGINT) + 1 AS TEXT) END,
        expires_at = CASE WHEN ${GONE} THEN excluded.expires_at ELSE hf_value.expires_at END
      WHERE CASE WHEN ${GONE} THEN 1 WHEN NOT (${IS_COUNT[dialect]}) THEN 0
        WHEN CAST(hf_value.value AS BIGINT) < ? THEN 1 ELSE 0 END = 1
      RETURNING value`,
    /** key, owner, expires_at, now → a row when taken */
    reserve: `INSERT INTO hf_value (key, value, expires_at) VALUES (?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
      WHERE ${GONE} OR hf_value.value = excluded.value RETURNING 1 AS taken`,
    /** key, owner → a row when freed */
    release: 'DELETE FROM hf_value WHERE key = ? AND value = ? RETURNING 1 AS freed',
    /** key, next, expires_at, now → a row when written */
    insert: `INSERT INTO hf_value (key, value, expires_at) VALUES (?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
      WHERE ${GONE} RETURNING 1 AS written`,
    /** next, expires_at, key, expected, now → a row when written */
    swap: `UPDATE hf_value SET value = ?, expires_at = ? WHERE key = ? AND value = ? AND ${LIVE} RETURNING 1 AS written`,
    /** now in microseconds */
    sweepRates: 'DELETE FROM hf_rate WHERE tat <= ?',
    /** now */
    sweepValues: `DELETE FROM hf_value WHERE ${GONE}`,
  } as const
}
