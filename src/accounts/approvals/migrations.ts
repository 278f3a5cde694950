/** The tables of approvals, and of who gave rights to whom. A released step is never changed. */
import type { Migration } from '../../store/database.ts'

export const approvalsMigrations: readonly Migration[] = [
  {
    id: 'approvals-1',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        `CREATE TABLE hf_approvals (
          id text PRIMARY KEY,
          act text NOT NULL,
          params text NOT NULL,
          hash text NOT NULL,
          asked_by text NOT NULL,
          reason text NOT NULL,
          asked_at bigint NOT NULL,
          expires_at bigint NOT NULL,
          state text NOT NULL CHECK (state IN ('asked', 'given', 'declined', 'used', 'expired')),
          decided_by text,
          decided_at bigint,
          note text NOT NULL,
          used_at bigint
        )${keyed}`,
        // Of one question by one asker one waits.
        `CREATE UNIQUE INDEX hf_approvals_open ON hf_approvals (asked_by, hash) WHERE state IN ('asked', 'given')`,
        'CREATE INDEX hf_approvals_asked_at ON hf_approvals (asked_at)',
        `CREATE TABLE hf_rights (
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          given_by text NOT NULL,
          given_at bigint NOT NULL,
          PRIMARY KEY (user_id, given_by)
        )${keyed}`,
        'CREATE INDEX hf_rights_given_by ON hf_rights (given_by, given_at)',
      ]
    },
  },
]
