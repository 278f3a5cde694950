/** The tables of tenants, and in which one a session acts. A released step is never changed. */
import type { Migration } from '../../store/database.ts'

export const tenantsMigrations: readonly Migration[] = [
  {
    id: 'tenants-1',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        `CREATE TABLE hf_tenants (
          id text PRIMARY KEY,
          name text NOT NULL,
          created_at bigint NOT NULL
        )${keyed}`,
        'CREATE INDEX hf_tenants_created_at ON hf_tenants (created_at, id)',
        `CREATE TABLE hf_memberships (
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          tenant_id text NOT NULL REFERENCES hf_tenants (id) ON DELETE CASCADE,
          roles text NOT NULL,
          created_at bigint NOT NULL,
          PRIMARY KEY (user_id, tenant_id)
        )${keyed}`,
        'CREATE INDEX hf_memberships_tenant_id ON hf_memberships (tenant_id)',
        'ALTER TABLE hf_sessions ADD COLUMN tenant_id text',
      ]
    },
  },
]
