/** How the table of identities comes to be. A released step is never changed. */
import type { Migration } from '../../store/database.ts'

export const identitiesMigrations: readonly Migration[] = [
  {
    id: 'identities-1',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        `CREATE TABLE hf_identities (
          issuer text NOT NULL CHECK (length(issuer) > 0),
          subject text NOT NULL CHECK (length(subject) > 0),
          id text NOT NULL UNIQUE,
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          provider text NOT NULL,
          shown text NOT NULL,
          linked_at bigint NOT NULL,
          used_at bigint,
          PRIMARY KEY (issuer, subject)
        )${keyed}`,
        'CREATE INDEX hf_identities_user_id ON hf_identities (user_id)',
      ]
    },
  },
  {
    id: 'identities-2',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        `CREATE TABLE hf_provider_sessions (
          session_id text PRIMARY KEY,
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          issuer text NOT NULL,
          subject text NOT NULL,
          sid text NOT NULL
        )${keyed}`,
        'CREATE INDEX hf_provider_sessions_subject ON hf_provider_sessions (issuer, subject)',
        'CREATE INDEX hf_provider_sessions_sid ON hf_provider_sessions (issuer, sid)',
      ]
    },
  },
]
