/** The tables of incidents. */
import type { Selectable, Transaction } from 'kysely'
import type { Database } from '../../store/database.ts'
import type { Severity, Subject } from '../detected.ts'
import type { ResponsesSchema } from '../responses/schema.ts'
import type { Entry, IncidentState } from './types.ts'

interface IncidentsTable {
  id: string
  title: string
  severity: Severity
  state: IncidentState
  owner: string | null
  /** Names with a space between. */
  detections: string
  signals: number
  first_at: number
  last_at: number
  opened_at: number
  acknowledged_at: number | null
  contained_at: number | null
  closed_at: number | null
  reopened: number
  merged_into: string | null
}

interface SubjectsTable {
  incident_id: string
  role: 'actor' | 'target'
  kind: Subject['kind']
  value: string
  first_at: number
  last_at: number
  count: number
}

interface EntriesTable {
  id: string
  incident_id: string
  at: number
  kind: Entry['kind']
  text: string
  by_whom: string | null
}

interface ReachedTable {
  incident_id: string
  method: string
  path: string
  status: number
  count: number
  first_at: number
  last_at: number
}

/** What was done belongs to an incident, and goes with it into another. */
export interface IncidentsSchema extends ResponsesSchema {
  hf_incidents: IncidentsTable
  hf_incident_subjects: SubjectsTable
  hf_incident_entries: EntriesTable
  hf_incident_reached: ReachedTable
}

export type IncidentRow = Selectable<IncidentsTable>
export type SubjectRow = Selectable<SubjectsTable>
export type EntryRow = Selectable<EntriesTable>
export type ReachedRow = Selectable<ReachedTable>
export type IncidentsDatabase = Database<IncidentsSchema>
export type IncidentsTransaction = Transaction<IncidentsSchema>
