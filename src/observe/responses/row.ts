/** The row of a response: how it begins, and what each of its events says of it. */
import type { Planned, ResponseRequest } from './responder-types.ts'
import type { ResponseRow } from './schema.ts'

interface Making {
  readonly planned: Planned
  readonly reason: string
  readonly automatic: boolean
  readonly id: string
  readonly at: number
}

/** The row of one that begins. */
export function toRow(request: ResponseRequest, { planned, reason, automatic, id, at }: Making): ResponseRow {
  return {
    id,
    response: planned.response,
    incident_id: planned.incident ?? null,
    subject_kind: request.subject?.kind ?? '',
    subject_value: request.subject?.value ?? '',
    settings: JSON.stringify(request.settings ?? {}),
    reason,
    says: planned.says,
    automatic: automatic ? 1 : 0,
    by_kind: request.by.kind,
    by_id: request.by.id,
    second_id: null,
    state: 'begun',
    hold: planned.hold === undefined ? null : JSON.stringify(planned.hold),
    changed: 0,
    created_at: at,
    applied_at: null,
    expires_at: null,
    ended_at: null,
    ended_by: null,
    ended_reason: null,
  }
}

/** What every event of a response says. */
export function dataOf(row: ResponseRow) {
  return {
    id: row.id,
    response: row.response,
    incident: row.incident_id ?? undefined,
    subject: row.subject_kind === '' ? undefined : `${row.subject_kind}:${row.subject_value}`,
    reason: row.reason,
    automatic: row.automatic === 1,
    by: `${row.by_kind}:${row.by_id}`,
    second: row.second_id ?? undefined,
    changed: row.changed,
  }
}
