/** How the table of responses comes to be. A released step is never changed; the next change is a next step. */
import type { Migration } from '../../store/database.ts'

export const responseMigrations: readonly Migration[] = [
  {
    id: 'responses-1',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        `CREATE TABLE hf_responses (
          id text PRIMARY KEY,
          response text NOT NULL,
          incident_id text,
          subject_kind text NOT NULL,
          subject_value text NOT NULL,
          settings text NOT NULL,
          reason text NOT NULL CHECK (length(reason) > 0),
          says text NOT NULL,
          automatic bigint NOT NULL,
          by_kind text NOT NULL,
          by_id text NOT NULL,
          second_id text,
          state text NOT NULL,
          hold text,
          changed bigint NOT NULL,
          created_at bigint NOT NULL,
          applied_at bigint,
          expires_at bigint,
          ended_at bigint,
          ended_by text,
          ended_reason text
        )${keyed}`,
        'CREATE INDEX hf_responses_state ON hf_responses (state, expires_at)',
        'CREATE INDEX hf_responses_subject ON hf_responses (subject_kind, subject_value, created_at)',
        'CREATE INDEX hf_responses_incident ON hf_responses (incident_id, created_at)',
        'CREATE INDEX hf_responses_created_at ON hf_responses (created_at)',
      ]
    },
  },
]
