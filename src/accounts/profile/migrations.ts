/** The tables of security notices, of devices that are known, and of accounts that are being deleted. A released step is never changed. */
import type { Migration } from '../../store/database.ts'

export const profileMigrations: readonly Migration[] = [
  {
    id: 'profile-1',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        // Of the same thing at the same moment one notice is enough.
        `CREATE TABLE hf_notices (
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          about text NOT NULL,
          address text NOT NULL,
          created_at bigint NOT NULL,
          PRIMARY KEY (user_id, about, address, created_at)
        )${keyed}`,
        'CREATE INDEX hf_notices_created_at ON hf_notices (created_at)',
        `CREATE TABLE hf_devices (
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          device text NOT NULL,
          seen_at bigint NOT NULL,
          PRIMARY KEY (user_id, device)
        )${keyed}`,
        'CREATE INDEX hf_devices_seen_at ON hf_devices (seen_at)',
        `CREATE TABLE hf_deletions (
          user_id text PRIMARY KEY REFERENCES hf_users (id) ON DELETE CASCADE,
          asked_at bigint NOT NULL,
          due_at bigint NOT NULL
        )${keyed}`,
        'CREATE INDEX hf_deletions_due_at ON hf_deletions (due_at)',
      ]
    },
  },
  {
    id: 'profile-2',
    // 1: an operator shut the account out meanwhile, so its owner cannot keep it any more.
    up: () => ['ALTER TABLE hf_deletions ADD COLUMN shut_out bigint NOT NULL DEFAULT 0'],
  },
]
