/** How the tables of accounts come to be. A released step is never changed; the next change is a next step. */
import type { Migration } from '../store/database.ts'
import { passkeysMigrations } from './passkeys/migrations.ts'
import { appMigrations } from './tokens/app-migrations.ts'
import { hashesMigrations } from './hashes/migrations.ts'
import { recoveryMigrations } from './recovery/migrations.ts'
import { browsersMigrations } from './browsers/migrations.ts'
import { mailMigrations } from './mail/migrations.ts'
import { identitiesMigrations } from './identities/migrations.ts'
import { profileMigrations } from './profile/migrations.ts'
import { tenantsMigrations } from './tenants/migrations.ts'
import { impersonationMigrations } from './impersonation/migrations.ts'
import { approvalsMigrations } from './approvals/migrations.ts'
import { breakGlassMigrations } from './break-glass/migrations.ts'
import { tokensMigrations } from './tokens/migrations.ts'

/** The steps, in order: give them to `migrate` together with those of the other parts. */
export const accountsMigrations: readonly Migration[] = [
  {
    id: 'accounts-1',
    up(dialect) {
      // Rows are found by their text key alone: in SQLite the table is then its own index, which saves one search a look-up.
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        `CREATE TABLE hf_users (
          id text PRIMARY KEY,
          login text NOT NULL,
          login_key text NOT NULL UNIQUE CHECK (length(login_key) > 0),
          name text NOT NULL,
          roles text NOT NULL,
          status text NOT NULL CHECK (status IN ('active', 'disabled')),
          epoch bigint NOT NULL,
          created_at bigint NOT NULL,
          last_sign_in_at bigint
        )${keyed}`,
        'CREATE INDEX hf_users_created_at ON hf_users (created_at, id)',
        `CREATE TABLE hf_credentials (
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          kind text NOT NULL,
          value text NOT NULL CHECK (length(value) > 0),
          version bigint NOT NULL,
          updated_at bigint NOT NULL,
          PRIMARY KEY (user_id, kind)
        )${keyed}`,
        `CREATE TABLE hf_sessions (
          hash text PRIMARY KEY,
          id text NOT NULL,
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          created_at bigint NOT NULL,
          seen_at bigint NOT NULL,
          expires_at bigint NOT NULL,
          ended_at bigint,
          ended_by text,
          aal bigint NOT NULL,
          proofs text NOT NULL,
          address text NOT NULL,
          user_agent text NOT NULL,
          version bigint NOT NULL,
          data text NOT NULL,
          epoch bigint NOT NULL
        )${keyed}`,
        'CREATE INDEX hf_sessions_user_id ON hf_sessions (user_id)',
        'CREATE INDEX hf_sessions_expires_at ON hf_sessions (expires_at)',
        'CREATE INDEX hf_sessions_ended_at ON hf_sessions (ended_at)',
      ]
    },
  },
  {
    id: 'factors-1',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        `CREATE TABLE hf_factors (
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          kind text NOT NULL,
          value text NOT NULL CHECK (length(value) > 0),
          version bigint NOT NULL,
          last_step bigint NOT NULL,
          created_at bigint NOT NULL,
          used_at bigint,
          PRIMARY KEY (user_id, kind)
        )${keyed}`,
        `CREATE TABLE hf_recovery_codes (
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          hash text NOT NULL,
          PRIMARY KEY (user_id, hash)
        )${keyed}`,
      ]
    },
  },
  ...tokensMigrations,
  {
    id: 'links-1',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        `CREATE TABLE hf_addresses (
          user_id text PRIMARY KEY REFERENCES hf_users (id) ON DELETE CASCADE,
          address text NOT NULL,
          address_key text NOT NULL,
          verified_at bigint
        )${keyed}`,
        'CREATE UNIQUE INDEX hf_addresses_verified ON hf_addresses (address_key) WHERE verified_at IS NOT NULL',
        'CREATE INDEX hf_addresses_address_key ON hf_addresses (address_key)',
        `CREATE TABLE hf_links (
          hash text PRIMARY KEY,
          purpose text NOT NULL,
          user_id text REFERENCES hf_users (id) ON DELETE CASCADE,
          address text,
          data text NOT NULL,
          created_at bigint NOT NULL,
          expires_at bigint NOT NULL
        )${keyed}`,
        'CREATE INDEX hf_links_user_id ON hf_links (user_id)',
        'CREATE INDEX hf_links_expires_at ON hf_links (expires_at)',
      ]
    },
  },
  ...appMigrations,
  ...recoveryMigrations,
  ...browsersMigrations,
  ...mailMigrations,
  ...passkeysMigrations,
  ...identitiesMigrations,
  ...profileMigrations,
  ...tenantsMigrations,
  ...impersonationMigrations,
  ...hashesMigrations,
  ...approvalsMigrations,
  ...breakGlassMigrations,
]
