/** What was done, as it is read back: by whom, why, until when, and how it ended. */
import type { Subject } from '../detected.ts'
import type { Hold } from './hold.ts'
import type { By } from './response.ts'
import type { ResponseRow, ResponseState } from './schema.ts'

export interface Applied {
  readonly id: string
  readonly response: string
  readonly incident: string | undefined
  readonly subject: Subject | undefined
  readonly settings: Readonly<Record<string, string>>
  readonly reason: string
  /** What it did, in a sentence. */
  readonly says: string
  readonly automatic: boolean
  readonly by: By
  /** Who approved it, where two decide. */
  readonly second: string | undefined
  readonly state: ResponseState
  readonly hold: Hold | undefined
  /** How many things it changed. */
  readonly changed: number
  readonly createdAt: number
  readonly appliedAt: number | undefined
  readonly expiresAt: number | undefined
  readonly endedAt: number | undefined
  readonly endedBy: string | undefined
  readonly endedReason: string | undefined
}

export function toApplied(row: ResponseRow): Applied {
  return {
    id: row.id,
    response: row.response,
    incident: row.incident_id ?? undefined,
    subject: row.subject_kind === '' ? undefined : { kind: row.subject_kind as Subject['kind'], value: row.subject_value },
    settings: JSON.parse(row.settings) as Record<string, string>,
    reason: row.reason,
    says: row.says,
    automatic: row.automatic === 1,
    by: { kind: row.by_kind as By['kind'], id: row.by_id },
    second: row.second_id ?? undefined,
    state: row.state,
    hold: row.hold === null ? undefined : (JSON.parse(row.hold) as Hold),
    changed: row.changed,
    createdAt: row.created_at,
    appliedAt: row.applied_at ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    endedBy: row.ended_by ?? undefined,
    endedReason: row.ended_reason ?? undefined,
  }
}
