/** The table of seals. A released step is never changed. */
import type { Migration } from '../../store/database.ts'

export const breakGlassMigrations: readonly Migration[] = [
  {
    id: 'break-glass-1',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        `CREATE TABLE hf_seals (
          id text PRIMARY KEY,
          user_id text NOT NULL REFERENCES hf_users (id) ON DELETE CASCADE,
          part_a text NOT NULL UNIQUE,
          part_b text NOT NULL,
          created_at bigint NOT NULL,
          tested_at bigint,
          used_at bigint
        )${keyed}`,
      ]
    },
  },
]
