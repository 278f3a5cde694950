/** The table of what was done, or waits to be. */
import type { Kysely, Selectable, Transaction } from 'kysely'
import type { Database } from '../../store/database.ts'

/** `interrupted`: it was begun, and the process ended before it said whether it was done. */
export type ResponseState = 'begun' | 'active' | 'done' | 'undone' | 'expired' | 'failed' | 'interrupted'

interface ResponsesTable {
  id: string
  response: string
  incident_id: string | null
  /** Empty where it concerns everybody. */
  subject_kind: string
  subject_value: string
  /** JSON. */
  settings: string
  reason: string
  /** What it did, in a sentence. */
  says: string
  automatic: number
  by_kind: string
  by_id: string
  /** Who approved it. */
  second_id: string | null
  state: ResponseState
  /** JSON of what is kept up, or NULL. */
  hold: string | null
  changed: number
  created_at: number
  applied_at: number | null
  expires_at: number | null
  ended_at: number | null
  ended_by: string | null
  ended_reason: string | null
}

export interface ResponsesSchema {
  hf_responses: ResponsesTable
}

export type ResponseRow = Selectable<ResponsesTable>
export type ResponsesDatabase = Database<ResponsesSchema>
export type ResponsesKysely = Kysely<ResponsesSchema> | Transaction<ResponsesSchema>
