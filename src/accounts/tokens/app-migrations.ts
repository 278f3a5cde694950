/** How the tables of access tokens come to be. A released step is never changed. */
import type { Migration } from '../../store/database.ts'

export const appMigrations: readonly Migration[] = [
  {
    id: 'access-tokens-1',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        `CREATE TABLE hf_refresh (
          id text PRIMARY KEY,
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          client text NOT NULL CHECK (length(client) > 0),
          audience text NOT NULL,
          scopes text NOT NULL,
          proofs text NOT NULL,
          aal bigint NOT NULL,
          created_at bigint NOT NULL,
          seen_at bigint NOT NULL,
          expires_at bigint NOT NULL,
          ended_at bigint,
          ended_by text,
          address text NOT NULL,
          user_agent text NOT NULL,
          generation bigint NOT NULL,
          hash text NOT NULL CHECK (length(hash) > 0),
          previous_hash text NOT NULL,
          salt text NOT NULL,
          rotated_at bigint NOT NULL
        )${keyed}`,
        'CREATE INDEX hf_refresh_user_id ON hf_refresh (user_id)',
        'CREATE INDEX hf_refresh_seen_at ON hf_refresh (seen_at)',
        `CREATE TABLE hf_signing_keys (
          number bigint PRIMARY KEY,
          id text NOT NULL UNIQUE,
          algorithm text NOT NULL,
          value text NOT NULL CHECK (length(value) > 0),
          created_at bigint NOT NULL,
          active_at bigint NOT NULL
        )`,
      ]
    },
  },
  { id: 'access-tokens-2', up: () => ['ALTER TABLE hf_refresh ADD COLUMN tenant_id text'] },
]
