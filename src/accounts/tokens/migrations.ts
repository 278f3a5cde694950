/** How the table of API keys comes to be, and how users learn to be services. A released step is never changed. */
import type { Migration } from '../../store/database.ts'

export const tokensMigrations: readonly Migration[] = [
  {
    id: 'tokens-1',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        `ALTER TABLE hf_users ADD COLUMN kind text NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'service'))`,
        `CREATE TABLE hf_api_keys (
          hash text PRIMARY KEY,
          id text NOT NULL UNIQUE,
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          name text NOT NULL CHECK (length(name) > 0),
          scopes text NOT NULL,
          per_minute bigint,
          created_at bigint NOT NULL,
          created_by text NOT NULL,
          expires_at bigint,
          last_used_at bigint,
          revoked_at bigint,
          revoked_by text
        )${keyed}`,
        'CREATE INDEX hf_api_keys_user_id ON hf_api_keys (user_id, created_at)',
      ]
    },
  },
  { id: 'tokens-2', up: () => ['ALTER TABLE hf_api_keys ADD COLUMN tenant_id text'] },
]
