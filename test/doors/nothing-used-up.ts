/**
 * A database in which nothing is used up: what is deleted is there again, what moves on is put back, and what may be there once may be
 * there often. It is the one weakness of everything that is good once, wherever a way keeps it.
 */
import type { Stage } from './stage.ts'

/** Rows that are the leave for something: they go when it is used. */
const LEAVES = ['hf_links', 'hf_mail_codes', 'hf_value', 'hf_recoveries', 'hf_deletions', 'hf_recovery_codes', 'hf_factors']

/** Columns that move on with a use, and by what a row is named. */
const MOVING: readonly (readonly [table: string, key: string, columns: readonly string[]])[] = [
  ['hf_factors', 'user_id', ['last_step']],
  ['hf_credentials', 'user_id', ['version']],
  ['hf_browsers', 'id', ['generation', 'rotated_at']],
  ['hf_refresh', 'id', ['hash', 'previous_hash', 'salt', 'generation', 'rotated_at']],
  ['hf_seals', 'id', ['used_at']],
  ['hf_passkeys', 'id', ['counter']],
  ['hf_addresses', 'user_id', ['address']],
  ['hf_sessions', 'hash', ['ended_at', 'ended_by']],
]

/** What there is one of: the second is let in under another name. */
const UNIQUE: readonly (readonly [table: string, key: string, column: string])[] = [
  ['hf_users', 'id', 'login_key'],
  ['hf_addresses', 'user_id', 'address_key'],
  ['hf_passkeys', 'id', 'credential_id'],
  ['hf_passkey_handles', 'user_id', 'handle'],
]

/** From now on. */
export async function nothingUsedUp(stage: Stage): Promise<void> {
  for (const table of LEAVES) {
    const columns = await stage.columnsOf(table)
    const old = columns.map((name) => `OLD.${name}`)
    await stage.run(`CREATE TRIGGER stays_${table} AFTER DELETE ON ${table}
      BEGIN INSERT OR IGNORE INTO ${table} (${columns.join()}) VALUES (${old.join()}); END`)
  }
  for (const [table, key, columns] of MOVING) {
    const back = columns.map((name) => `${name} = OLD.${name}`)
    await stage.run(`CREATE TRIGGER back_${table} AFTER UPDATE OF ${columns.join()} ON ${table}
      BEGIN UPDATE ${table} SET ${back.join()} WHERE ${key} = NEW.${key}; END`)
  }
  for (const [table, key, column] of UNIQUE) {
    await stage.run(`CREATE TRIGGER often_${table} AFTER INSERT ON ${table}
      BEGIN UPDATE ${table} SET ${column} = NEW.${key} WHERE ${key} = NEW.${key}; END`)
  }
  // What is counted up to one begins anew.
  await stage.run(`CREATE TRIGGER uncounted AFTER INSERT ON hf_value WHEN NEW.key LIKE 'accounts:flask-session:%'
    BEGIN UPDATE hf_value SET expires_at = 0 WHERE key = NEW.key; END`)
}
