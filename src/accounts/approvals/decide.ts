/** The word of the second person, or of who asked and takes it back: looked at in the transaction that writes it down. */
import { act } from '../../engine/act.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { readId } from '../ids.ts'
import type { AccountsTransaction, UserRow } from '../schema.ts'
import { storable } from '../sessions/issue.ts'
import type { ApprovalsSetting } from './approvals.ts'
import { approverOf, mayDecide } from './approvers.ts'
import { ownsVoice } from './rights.ts'
import type { ApprovalRow } from './rows.ts'
import type { Decider, DecisionProblem } from './types.ts'
import { OPEN } from './waiting.ts'

const LONGEST_NOTE = 200
const EVENTS = { given: 'authz_approval_given', declined: 'authz_approval_declined' } as const

interface Word {
  readonly to: keyof typeof EVENTS
  readonly note: string
  readonly exchange: Exchange | undefined
}

/** Makes the verb. Of many at once one changes the row. */
export function createDecide(setting: ApprovalsSetting) {
  const { database, policy, roles, emit, now, follow } = setting

  /** Who it is, where nothing keeps them from saying this to that question. */
  async function decider(tx: AccountsTransaction, id: string, by: Decider, to: Word['to']): Promise<UserRow | DecisionProblem> {
    const row = await tx.selectFrom('hf_approvals').selectAll().where('id', '=', id).executeTakeFirst()
    const user = await approverOf(tx, by, setting)
    if (typeof user === 'string') return user
    const takesBack = to === 'declined' && row?.asked_by === `user:${user.id}` && user.status === 'active'
    if (!takesBack && !mayDecide(user, roles)) return 'not-permitted'
    if (row === undefined || to === 'declined') return user
    if (row.asked_by === `user:${user.id}`) return 'same-person'
    return (await ownsVoice(tx, row.asked_by, user.id, now())) ? 'rights-given' : user
  }

  async function write(
    tx: AccountsTransaction,
    id: string,
    userId: string,
    { to, note }: Word,
  ): Promise<ApprovalRow | undefined> {
    const at = now()
    return await tx
      .updateTable('hf_approvals')
      .set({ state: to, decided_by: userId, decided_at: at, note: storable(note, LONGEST_NOTE).trim() })
      .$if(to === 'given', (query) => query.set({ expires_at: at + (policy?.use ?? 0) }))
      .where('id', '=', id)
      .where('state', 'in', to === 'given' ? ['asked'] : OPEN)
      .where('expires_at', '>', at)
      .returningAll()
      .executeTakeFirst()
  }

  return async (given: string, by: Decider, word: Word): Promise<ApprovalRow | DecisionProblem> => {
    const id = readId(given)
    const decided = await act(database, emit, async (tx, tell): Promise<ApprovalRow | DecisionProblem> => {
      const user = await decider(tx, id, by, word.to)
      if (typeof user === 'string') return user
      const row = await write(tx, id, user.id, word)
      if (row === undefined) return 'unknown'
      const actor = `user:${user.id}`
      const data = { approval: row.id, act: row.act, askedBy: row.asked_by, actor, ...('operator' in by && { by: 'command' }) }
      await tell({ type: EVENTS[word.to], data }, word.exchange)
      await follow(tx, { id, act: row.act, params: JSON.parse(row.params), state: word.to, by: actor, says: row.note })
      return row
    })
    if (typeof decided === 'string' && decided !== 'unknown')
      emit({ type: 'authz_fail', data: { code: `approval-${decided}`, approval: id } }, word.exchange)
    return decided
  }
}
