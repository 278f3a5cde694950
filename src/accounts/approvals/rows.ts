/** From stored approvals to those that are shown, with the names of who asked. */
import type { Selectable } from 'kysely'
import type { On } from '../addresses/addresses.ts'
import type { ApprovalsSchema } from './schema.ts'
import type { Approval, ApprovalParams } from './types.ts'

export type ApprovalRow = Selectable<ApprovalsSchema['hf_approvals']>

/** Display names of the users who asked, by how the log names them. */
export async function namesOf(on: On, rows: readonly Pick<ApprovalRow, 'asked_by'>[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(rows.flatMap(({ asked_by: by }) => (by.startsWith('user:') ? [by.slice(5)] : [])))]
  if (ids.length === 0) return new Map()
  const users = await on.selectFrom('hf_users').select(['id', 'name']).where('id', 'in', ids).execute()
  return new Map(users.map(({ id, name }) => [`user:${id}`, name]))
}

/** One of them; what ran out and was not swept yet is shown as over. */
export function toApproval(row: ApprovalRow, names: ReadonlyMap<string, string>, now: number): Approval {
  const params: ApprovalParams = JSON.parse(row.params)
  const over = (row.state === 'asked' || row.state === 'given') && row.expires_at <= now
  return {
    ...{ id: row.id, act: row.act, params, askedBy: row.asked_by, askedByName: names.get(row.asked_by) ?? row.asked_by },
    ...{ reason: row.reason, askedAt: row.asked_at, expiresAt: row.expires_at, state: over ? 'expired' : row.state },
    decidedBy: row.decided_by === null ? undefined : `user:${row.decided_by}`,
    decidedAt: row.decided_at ?? undefined,
    note: row.note,
  }
}
