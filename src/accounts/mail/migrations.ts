/** How the table of codes in letters comes to be. A released step is never changed. */
import type { Migration } from '../../store/database.ts'

export const mailMigrations: readonly Migration[] = [
  {
    id: 'mail-codes-1',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        `CREATE TABLE hf_mail_codes (
          challenge text PRIMARY KEY,
          purpose text NOT NULL,
          user_id text REFERENCES hf_users (id) ON DELETE CASCADE,
          address text,
          code text NOT NULL CHECK (length(code) > 0),
          tries bigint NOT NULL,
          expires_at bigint NOT NULL
        )${keyed}`,
        'CREATE INDEX hf_mail_codes_user_id ON hf_mail_codes (user_id)',
        'CREATE INDEX hf_mail_codes_expires_at ON hf_mail_codes (expires_at)',
      ]
    },
  },
]
