/** How the tables of browsers that remember come to be, and how sessions learn to be bound to a device. A released step is never changed. */
import type { Migration } from '../../store/database.ts'

export const browsersMigrations: readonly Migration[] = [
  {
    id: 'sessions-1',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        `CREATE TABLE hf_browsers (
          id text PRIMARY KEY,
          kind text NOT NULL CHECK (kind IN ('remember', 'trust')),
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          stamp text NOT NULL,
          generation bigint NOT NULL,
          rotated_at bigint NOT NULL,
          created_at bigint NOT NULL,
          used_at bigint NOT NULL,
          expires_at bigint NOT NULL,
          address text NOT NULL,
          user_agent text NOT NULL
        )${keyed}`,
        'CREATE INDEX hf_browsers_user_id ON hf_browsers (user_id)',
        'CREATE INDEX hf_browsers_expires_at ON hf_browsers (expires_at)',
        `CREATE TABLE hf_browser_tokens (
          hash text PRIMARY KEY,
          browser_id text NOT NULL REFERENCES hf_browsers (id) ON DELETE CASCADE,
          generation bigint NOT NULL
        )${keyed}`,
        'CREATE INDEX hf_browser_tokens_browser_id ON hf_browser_tokens (browser_id)',
        'ALTER TABLE hf_sessions ADD COLUMN browser_id text',
      ]
    },
  },
  {
    id: 'sessions-2',
    up: () => ['ALTER TABLE hf_sessions ADD COLUMN device_key text', 'ALTER TABLE hf_sessions ADD COLUMN bound_at bigint'],
  },
]
