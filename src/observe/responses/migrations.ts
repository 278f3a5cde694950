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
  {
    id: 'responses-2',
    up: () => [
      // What waited for a second person is asked for anew: the question stands with all others now.
      `UPDATE hf_responses SET state = 'undone', ended_reason = 'asked for in another way' WHERE state IN ('waiting', 'lapsed')`,
      `UPDATE hf_responses SET state = 'undone', ended_reason = 'the same was in force twice'
        WHERE state = 'active' AND EXISTS (SELECT 1 FROM hf_responses AS other
          WHERE other.state = 'active' AND other.response = hf_responses.response AND other.subject_kind = hf_responses.subject_kind
            AND other.subject_value = hf_responses.subject_value AND other.id < hf_responses.id)`,
      // Of one thing to one subject one is in force, whoever asks at the same moment.
      `CREATE UNIQUE INDEX hf_responses_in_force ON hf_responses (response, subject_kind, subject_value) WHERE state = 'active'`,
    ],
  },
]
