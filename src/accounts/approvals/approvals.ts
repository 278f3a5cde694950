/**
 * Two-person approval: one asks to do exactly this, another one says yes, and then it can be done once, by who asked. Who decides is looked
 * at here, whatever page or command they come by: another person, in a session of their own, with a recent proof, whose rights do not come from
 * who asks. Looked at again when it is used: a yes of somebody who may no longer say it is none.
 * Sources: NIST SP 800-53 AC-3(2), AC-5; OWASP ASVS 5.0 2.3.4, 8.2.1.
 */
import type { Emit } from '../../engine/events.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { wholeNumber } from '../../engine/options.ts'
import { isUniqueViolation } from '../../store/errors.ts'
import { nameOf, readId } from '../ids.ts'
import type { AccountsDatabase, AccountsTransaction } from '../schema.ts'
import { storable } from '../session-issue.ts'
import type { Actor } from '../types.ts'
import { canonicalParams, hashOfAct, isMarked } from './acts.ts'
import { approverOf, mayDecide, tellApprovers, type ApproverSetting } from './approvers.ts'
import { ownsVoice } from './rights.ts'
import { namesOf, toApproval, type ApprovalRow } from './rows.ts'
import type {
  Approval,
  ApprovalGate,
  ApprovalPolicy,
  Approvals,
  ApprovalAsked,
  Decided,
  Decider,
  DecisionProblem,
} from './types.ts'

interface Setting extends ApproverSetting {
  readonly database: AccountsDatabase
  readonly policy: ApprovalPolicy | undefined
  readonly random: (bytes: number) => string
  readonly emit: Emit
}

/** How many questions of one actor may wait: each is a letter to others. */
const MOST_OPEN = 20
const LONGEST_REASON = 200
const KEPT = 90 * 86_400_000
const OPEN = ['asked', 'given'] as const
const DAY = 86_400_000

/** Makes the service, and what acts of the kit use. */
export function createApprovals(setting: Setting): Approvals & { readonly gate: ApprovalGate } {
  const { database, policy, roles, random, emit, now } = setting
  const { kysely } = database
  const needsApproval = (act: string) => isMarked(policy, act)

  /** The one that waits, or that was approved, of this actor about exactly this. */
  async function openOf(on: AccountsDatabase['kysely'] | AccountsTransaction, by: string, hash: string) {
    return await on
      .selectFrom('hf_approvals')
      .selectAll()
      .where('asked_by', '=', by)
      .where('hash', '=', hash)
      .where('state', 'in', OPEN)
      .where('expires_at', '>', now())
      .executeTakeFirst()
  }

  async function shown(row: ApprovalRow): Promise<Approval> {
    return toApproval(row, await namesOf(kysely, [row]), now())
  }

  async function isSomebody(tx: AccountsTransaction, { kind, id }: Actor): Promise<boolean> {
    // At the command somebody stands for themselves, by their name: "cli" would be first and second person at once.
    if (kind === 'system') return id !== 'cli'
    const row = await tx.selectFrom('hf_users').select('status').where('id', '=', readId(id)).executeTakeFirst()
    return row?.status === 'active'
  }

  async function insert(tx: AccountsTransaction, row: ApprovalRow): Promise<ApprovalRow | 'too-many'> {
    // What ran out makes way for the same question.
    await tx
      .updateTable('hf_approvals')
      .set({ state: 'expired' })
      .where('asked_by', '=', row.asked_by)
      .where('hash', '=', row.hash)
      .where('state', 'in', OPEN)
      .where('expires_at', '<=', now())
      .execute()
    const own = tx.selectFrom('hf_approvals').select('id').where('asked_by', '=', row.asked_by)
    const waiting = await own.where((eb) => eb.or([eb('state', 'in', OPEN), eb('asked_at', '>', now() - DAY)])).execute()
    if (waiting.length >= MOST_OPEN) return 'too-many'
    await tx.insertInto('hf_approvals').values(row).execute()
    const by = (await namesOf(tx, [row])).get(row.asked_by) ?? row.asked_by
    await tellApprovers(tx, { askedBy: row.asked_by, by, act: row.act, until: row.expires_at }, setting)
    return row
  }

  async function ask(actor: Actor, act: string, params: Approval['params'], said: string, x?: Exchange): Promise<ApprovalAsked> {
    if (policy === undefined || !needsApproval(act)) return { ok: false, reason: 'act' }
    const [canonical, reason, by, at] = [canonicalParams(params), storable(said, LONGEST_REASON).trim(), nameOf(actor), now()]
    if (canonical === undefined) return { ok: false, reason: 'params' }
    if (reason === '') return { ok: false, reason: 'reason' }
    const hash = hashOfAct(act, canonical)
    const row: ApprovalRow = {
      ...{
        id: `ap_${random(16)}`,
        act,
        params: canonical,
        hash,
        asked_by: by,
        reason,
        asked_at: at,
        expires_at: at + policy.life,
      },
      ...{ state: 'asked', decided_by: null, decided_at: null, note: '', used_at: null },
    }
    const made = await database
      .transaction(async (tx) => {
        if (!(await isSomebody(tx, actor))) return 'nobody'
        return (await openOf(tx, by, hash)) ?? (await insert(tx, row))
      })
      .catch(async (error: unknown) => {
        const other = isUniqueViolation(error) ? await openOf(kysely, by, hash) : undefined
        if (other) return other
        throw error
      })
    if (typeof made === 'string') return { ok: false, reason: made }
    if (made.id === row.id) emit({ type: 'authz_approval_asked', data: { approval: row.id, act, reason, actor: by } }, x)
    return { ok: true, approval: await shown(made) }
  }

  /** What keeps this user from saying yes to that question. */
  async function keeps(tx: AccountsTransaction, row: ApprovalRow, userId: string): Promise<DecisionProblem | undefined> {
    if (row.asked_by === `user:${userId}`) return 'same-person'
    return (await ownsVoice(tx, row.asked_by, userId, now())) ? 'rights-given' : undefined
  }

  async function decide(id: string, by: Decider, note: string, to: 'given' | 'declined', x?: Exchange): Promise<Decided> {
    const decided = await database.transaction(async (tx): Promise<ApprovalRow | DecisionProblem> => {
      const row = await tx.selectFrom('hf_approvals').selectAll().where('id', '=', readId(id)).executeTakeFirst()
      const user = await approverOf(tx, by, setting)
      if (typeof user === 'string') return user
      const takesBack = to === 'declined' && row?.asked_by === `user:${user.id}` && user.status === 'active'
      if (!takesBack && !mayDecide(user, roles)) return 'not-permitted'
      const problem = row && to === 'given' ? await keeps(tx, row, user.id) : undefined
      if (problem !== undefined) return problem
      const at = now()
      const changed = await tx
        .updateTable('hf_approvals')
        .set({ state: to, decided_by: user.id, decided_at: at, note: storable(note, LONGEST_REASON).trim() })
        .$if(to === 'given', (query) => query.set({ expires_at: at + (policy?.use ?? 0) }))
        .where('id', '=', readId(id))
        .where('state', 'in', to === 'given' ? ['asked'] : OPEN)
        .where('expires_at', '>', at)
        .returningAll()
        .executeTakeFirst()
      return changed ?? 'unknown'
    })
    if (typeof decided === 'string') {
      if (decided !== 'unknown') emit({ type: 'authz_fail', data: { code: `approval-${decided}`, approval: readId(id) } }, x)
      return { ok: false, reason: decided }
    }
    const data = { approval: decided.id, act: decided.act, askedBy: decided.asked_by, actor: `user:${decided.decided_by}` }
    const at = 'operator' in by ? { by: 'command' } : {}
    emit({ type: to === 'given' ? 'authz_approval_given' : 'authz_approval_declined', data: { ...data, ...at } }, x)
    return { ok: true, approval: await shown(decided) }
  }

  /** Of many at once one changes the row. */
  async function take(tx: AccountsTransaction, actor: Actor, act: string, params: Approval['params'], id?: string) {
    const canonical = canonicalParams(params)
    const row = canonical === undefined ? undefined : await openOf(tx, nameOf(actor), hashOfAct(act, canonical))
    if (row?.state !== 'given' || (id !== undefined && row.id !== id)) return undefined
    const second = await tx.selectFrom('hf_users').selectAll().where('id', '=', row.decided_by!).executeTakeFirst()
    if (!mayDecide(second, roles)) return undefined
    const { numUpdatedRows } = await tx
      .updateTable('hf_approvals')
      .set({ state: 'used', used_at: now() })
      .where('id', '=', row.id)
      .where('state', '=', 'given')
      .where('expires_at', '>', now())
      .executeTakeFirst()
    return numUpdatedRows === 1n ? { id: row.id, approvedBy: `user:${row.decided_by}` } : undefined
  }

  const gate: ApprovalGate = {
    needsApproval,
    spend: async (tx, actor, act, params) => (needsApproval(act) ? await take(tx, actor, act, params) : 'none'),
    report(used, actor, act, x) {
      if (used === 'none') return
      const data = { approval: used.id, act, approvedBy: used.approvedBy, actor: nameOf(actor) }
      emit({ type: 'authz_approval_used', data }, x)
    },
  }

  return {
    policy,
    gate,
    needsApproval,
    ask,

    async find(actor, act, params) {
      const canonical = canonicalParams(params)
      const row = canonical === undefined ? undefined : await openOf(kysely, nameOf(actor), hashOfAct(act, canonical))
      return row && (await shown(row))
    },

    approve: (id, by, note = '', x) => decide(id, by, note, 'given', x),
    decline: (id, by, note = '', x) => decide(id, by, note, 'declined', x),

    async use(id, actor, act, params, x) {
      const used = await database.transaction((tx) => take(tx, actor, act, params, id))
      if (!used) return { ok: false, reason: 'approval-required' }
      gate.report(used, actor, act, x)
      return { ok: true, ...used }
    },

    async list({ askedBy, open = false, limit = 100 } = {}) {
      const rows = await kysely
        .selectFrom('hf_approvals')
        .selectAll()
        .$if(askedBy !== undefined, (query) => query.where('asked_by', '=', askedBy!))
        .$if(open, (query) => query.where('state', 'in', OPEN).where('expires_at', '>', now()))
        .orderBy('asked_at', 'desc')
        .orderBy('id')
        .limit(wholeNumber('limit', limit, 1, 500))
        .execute()
      const names = await namesOf(kysely, rows)
      return rows.map((row) => toApproval(row, names, now()))
    },

    async sweep(at) {
      const over = await kysely
        .updateTable('hf_approvals')
        .set({ state: 'expired' })
        .where('state', 'in', OPEN)
        .where('expires_at', '<=', at)
        .returning(['id', 'act', 'asked_by'])
        .execute()
      for (const row of over)
        emit({ type: 'authz_approval_expired', data: { approval: row.id, act: row.act, askedBy: row.asked_by } })
      await kysely
        .deleteFrom('hf_approvals')
        .where('asked_at', '<', at - KEPT)
        .execute()
      await kysely
        .deleteFrom('hf_rights')
        .where('given_at', '<', at - DAY)
        .execute()
      return over.length
    },
  }
}
