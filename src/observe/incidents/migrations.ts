/** How the tables of incidents come to be. A released step is never changed; the next change is a next step. */
import type { Migration } from '../../store/database.ts'

export const incidentMigrations: readonly Migration[] = [
  {
    id: 'incidents-1',
    up(dialect) {
      const keyed = dialect === 'sqlite' ? ' WITHOUT ROWID' : ''
      return [
        `CREATE TABLE hf_incidents (
          id text PRIMARY KEY,
          title text NOT NULL,
          severity text NOT NULL,
          state text NOT NULL,
          owner text,
          detections text NOT NULL,
          signals bigint NOT NULL,
          first_at bigint NOT NULL,
          last_at bigint NOT NULL,
          opened_at bigint NOT NULL,
          acknowledged_at bigint,
          contained_at bigint,
          closed_at bigint,
          reopened bigint NOT NULL,
          merged_into text
        )${keyed}`,
        'CREATE INDEX hf_incidents_state ON hf_incidents (state, last_at)',
        'CREATE INDEX hf_incidents_opened_at ON hf_incidents (opened_at)',
        `CREATE TABLE hf_incident_subjects (
          incident_id text NOT NULL REFERENCES hf_incidents (id) ON DELETE CASCADE,
          role text NOT NULL,
          kind text NOT NULL,
          value text NOT NULL,
          first_at bigint NOT NULL,
          last_at bigint NOT NULL,
          count bigint NOT NULL,
          PRIMARY KEY (incident_id, role, kind, value)
        )${keyed}`,
        'CREATE INDEX hf_incident_subjects_value ON hf_incident_subjects (value, kind)',
        `CREATE TABLE hf_incident_entries (
          id text PRIMARY KEY,
          incident_id text NOT NULL REFERENCES hf_incidents (id) ON DELETE CASCADE,
          at bigint NOT NULL,
          kind text NOT NULL,
          text text NOT NULL,
          by_whom text
        )${keyed}`,
        'CREATE INDEX hf_incident_entries_incident ON hf_incident_entries (incident_id, at)',
        `CREATE TABLE hf_incident_reached (
          incident_id text NOT NULL REFERENCES hf_incidents (id) ON DELETE CASCADE,
          method text NOT NULL,
          path text NOT NULL,
          status bigint NOT NULL,
          count bigint NOT NULL,
          first_at bigint NOT NULL,
          last_at bigint NOT NULL,
          PRIMARY KEY (incident_id, method, path, status)
        )${keyed}`,
      ]
    },
  },
]
