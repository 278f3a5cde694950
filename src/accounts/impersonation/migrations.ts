/** As whom a session acts. A released step is never changed. */
import type { Migration } from '../../store/database.ts'

export const impersonationMigrations: readonly Migration[] = [
  {
    id: 'impersonation-1',
    up: () => [
      'ALTER TABLE hf_sessions ADD COLUMN as_user_id text',
      'ALTER TABLE hf_sessions ADD COLUMN as_since bigint',
      'ALTER TABLE hf_sessions ADD COLUMN as_reason text',
      'CREATE INDEX hf_sessions_as_user_id ON hf_sessions (as_user_id) WHERE as_user_id IS NOT NULL',
    ],
  },
]
