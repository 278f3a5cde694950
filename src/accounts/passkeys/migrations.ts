/** The tables of passkeys: public keys, and the random handle under which an authenticator knows a user. */
import type { Migration } from '../../store/database.ts'

export const passkeysMigrations: readonly Migration[] = [
  {
    id: 'passkey-1',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        // Random, and never the login: an authenticator shows it to whoever holds it (WebAuthn Level 3, 14.6.1).
        `CREATE TABLE hf_passkey_handles (
          user_id text PRIMARY KEY REFERENCES hf_users (id) ON DELETE CASCADE,
          handle text NOT NULL UNIQUE
        )${keyed}`,
        `CREATE TABLE hf_passkeys (
          id text PRIMARY KEY,
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          credential_id text NOT NULL UNIQUE CHECK (length(credential_id) > 0),
          public_key text NOT NULL CHECK (length(public_key) > 0),
          counter bigint NOT NULL,
          transports text NOT NULL,
          aaguid text NOT NULL,
          synced bigint NOT NULL,
          backed_up bigint NOT NULL,
          purpose text NOT NULL CHECK (purpose IN ('passkey', 'security-key')),
          name text NOT NULL,
          created_at bigint NOT NULL,
          used_at bigint
        )${keyed}`,
        'CREATE INDEX hf_passkeys_user_id ON hf_passkeys (user_id)',
      ]
    },
  },
]
