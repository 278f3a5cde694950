/** The tables of recovery and of what is remembered about passwords. A released step is never changed. */
import type { Migration } from '../../store/database.ts'

export const recoveryMigrations: readonly Migration[] = [
  {
    id: 'recovery-1',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        'ALTER TABLE hf_credentials ADD COLUMN set_at bigint NOT NULL DEFAULT 0',
        'ALTER TABLE hf_credentials ADD COLUMN short bigint NOT NULL DEFAULT 0',
        // Nobody knows when those were chosen; this is the latest it can have been.
        'UPDATE hf_credentials SET set_at = updated_at',
        `CREATE TABLE hf_password_history (
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          version bigint NOT NULL,
          value text NOT NULL,
          PRIMARY KEY (user_id, version)
        )${keyed}`,
        `CREATE TABLE hf_recoveries (
          user_id text PRIMARY KEY REFERENCES hf_users (id) ON DELETE CASCADE,
          asked_at bigint NOT NULL,
          due_at bigint NOT NULL,
          next_letter_at bigint NOT NULL,
          address_key text NOT NULL,
          ready bigint NOT NULL
        )${keyed}`,
        'CREATE INDEX hf_recoveries_next_letter_at ON hf_recoveries (next_letter_at)',
      ]
    },
  },
]
