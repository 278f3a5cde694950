/** Asking for a second person: one question at a time about the same, a letter to those who may decide, and so many a day. */
import { act, type Tell } from '../../engine/act.ts'
import { isUniqueViolation } from '../../store/errors.ts'
import { nameOf, readId } from '../ids.ts'
import type { AccountsTransaction } from '../schema.ts'
import { storable } from '../sessions/issue.ts'
import type { Actor } from '../types.ts'
import { canBeAsked, canonicalParams, hashOfAct } from './acts.ts'
import type { ApprovalsSetting } from './approvals.ts'
import { tellApprovers } from './approvers.ts'
import { namesOf, type ApprovalRow } from './rows.ts'
import type { Approvals } from './types.ts'
import { endOverdue, OPEN, openOf } from './waiting.ts'

type Asked = ApprovalRow | 'act' | 'params' | 'reason' | 'nobody' | 'too-many'
type Question = [...Parameters<Approvals['ask']>]

/** How many questions of one actor may wait: each is a letter to others. */
const MOST_OPEN = 20
const LONGEST_REASON = 200
const DAY = 86_400_000

/** Makes the verb. The same question again is the one that waits already. */
export function createAsk(setting: ApprovalsSetting): (...question: Question) => Promise<Asked> {
  const { database, policy, random, emit, now, follow } = setting

  function draft(actor: Actor, name: string, params: Question[2], said: string): ApprovalRow | 'act' | 'params' | 'reason' {
    if (policy === undefined || !canBeAsked(policy, name)) return 'act'
    const [canonical, reason] = [canonicalParams(params), storable(said, LONGEST_REASON).trim()]
    if (canonical === undefined) return 'params'
    if (reason === '') return 'reason'
    const [id, at] = [`ap_${random(16)}`, now()]
    return {
      ...{ id, act: name, params: canonical, hash: hashOfAct(name, canonical), asked_by: nameOf(actor), reason },
      ...{
        asked_at: at,
        expires_at: at + policy.life,
        state: 'asked',
        decided_by: null,
        decided_at: null,
        note: '',
        used_at: null,
      },
    }
  }

  async function insert(
    tx: AccountsTransaction,
    tell: Tell,
    row: ApprovalRow,
    x: Question[4],
  ): Promise<ApprovalRow | 'too-many'> {
    // What ran out makes way for the same question.
    await endOverdue(tx, tell, { now: now(), only: row, follow })
    const own = tx.selectFrom('hf_approvals').select('id').where('asked_by', '=', row.asked_by)
    const waiting = await own.where((eb) => eb.or([eb('state', 'in', OPEN), eb('asked_at', '>', now() - DAY)])).execute()
    if (waiting.length >= MOST_OPEN) return 'too-many'
    await tx.insertInto('hf_approvals').values(row).execute()
    const { id, act: name, reason, asked_by: by } = row
    await tell({ type: 'authz_approval_asked', data: { approval: id, act: name, reason, actor: by } }, x)
    await follow(tx, { id, act: name, params: JSON.parse(row.params), state: 'asked', by, says: reason })
    const asker = (await namesOf(tx, [row])).get(by) ?? by
    await tellApprovers(tx, { askedBy: by, by: asker, act: name, until: row.expires_at }, setting)
    return row
  }

  return async (actor, name, params, said, x) => {
    const row = draft(actor, name, params, said)
    if (typeof row === 'string') return row
    const same = { by: row.asked_by, hash: row.hash, now: now() }
    try {
      return await act(database, emit, async (tx, tell) => {
        if (!(await isSomebody(tx, actor))) return 'nobody'
        return (await openOf(tx, same)) ?? (await insert(tx, tell, row, x))
      })
    } catch (error) {
      const other = isUniqueViolation(error) ? await openOf(database.kysely, same) : undefined
      if (other) return other
      throw error
    }
  }
}

/** At the command somebody stands for themselves, by their login: a name of the terminal would be first and second person at once. */
async function isSomebody(tx: AccountsTransaction, { kind, id }: Actor): Promise<boolean> {
  if (kind === 'system') return id !== 'cli' && !id.startsWith('cli:')
  const row = await tx.selectFrom('hf_users').select('status').where('id', '=', readId(id)).executeTakeFirst()
  return row?.status === 'active'
}
