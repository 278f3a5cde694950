/**
 * Blanks what an event says of people (`who`) or of the act (`what`), because a person may ask for it or a secret slipped in. The salted
 * digests stay, so the chain still holds; that it was done, by whom and why, is part of the log.
 */
import { act } from '../../engine/act.ts'
import type { Emit } from '../../engine/events.ts'
import type { Database } from '../../store/database.ts'
import { digestOf } from './proofs.ts'
import type { AuditDatabase } from './schema.ts'
import type { Redactable } from './types.ts'

export interface Redaction {
  /** `<chain>#<seq>`. */
  readonly event: string
  readonly parts: readonly Redactable[]
  readonly reason: string
  /** Who does it, in the log. */
  readonly actor: string
}

export type Redacted = { readonly ok: true } | { readonly ok: false; readonly reason: 'unknown-event' | 'already-redacted' }

const GONE = {
  who: { client: null, principal: null, impersonator: null, user_id: null, actor_id: null, session: null, api_key: null },
  what: { path: null, data: null },
} as const

/** Exports, segments on disk and the JSON log keep what they have: they are yours to change. */
export async function redact(database: Database, emit: Emit, { event, parts, reason, actor }: Redaction): Promise<Redacted> {
  const place = /^(.+)#(\d{1,15})$/.exec(event)
  if (!place) return { ok: false, reason: 'unknown-event' }
  const problem = await act(database as AuditDatabase, emit, async (tx, tell) => {
    const row = await tx
      .selectFrom('hf_audit')
      .innerJoin('hf_audit_chains as c', 'c.id', 'hf_audit.chain')
      .selectAll('hf_audit')
      .where('c.name', '=', place[1]!)
      .where('seq', '=', Number(place[2]))
      .executeTakeFirst()
    if (row === undefined) return 'unknown-event'
    const blank = parts.filter((part) => row[`${part}_salt`] !== null)
    if (blank.length === 0) return 'already-redacted'
    for (const part of blank) {
      const gone = { ...GONE[part], [`${part}_salt`]: null, [`${part}_digest`]: digestOf(row, part) }
      await tx.updateTable('hf_audit').set(gone).where('chain', '=', row.chain).where('seq', '=', row.seq).execute()
    }
    await tell({ type: 'audit_redacted', data: { event, parts: blank, reason, actor } })
    return undefined
  })
  return problem === undefined ? { ok: true } : { ok: false, reason: problem }
}
