/**
 * Two-person approval: one asks to do exactly this, another one says yes, and then it can be done once, by who asked. Who decides is looked
 * at here, whatever page or command they come by: another person, in a session of their own, with a recent proof, whose rights do not come from
 * who asks. Looked at again when it is used: a yes of somebody who may no longer say it is none. Each step is an administrative act: without
 * its record it does not happen.
 * Sources: NIST SP 800-53 AC-3(2), AC-5; OWASP ASVS 5.0 2.3.4, 8.2.1.
 */
import { act } from '../../engine/act.ts'
import type { Emit } from '../../engine/events.ts'
import { wholeNumber } from '../../engine/options.ts'
import { nameOf } from '../ids.ts'
import type { AccountsDatabase } from '../schema.ts'
import { canonicalParams, hashOfAct, isMarked } from './acts.ts'
import { mayDecide, type ApproverSetting } from './approvers.ts'
import { createAsk } from './ask.ts'
import { createDecide } from './decide.ts'
import { namesOf, toApproval, type ApprovalRow } from './rows.ts'
import type { Approval, ApprovalFollower, ApprovalGate, ApprovalPolicy, Approvals, Decided, DecisionProblem } from './types.ts'
import { endOverdue, OPEN, openOf } from './waiting.ts'

export interface ApprovalsSetting extends ApproverSetting {
  readonly database: AccountsDatabase
  readonly policy: ApprovalPolicy | undefined
  readonly random: (bytes: number) => string
  readonly emit: Emit
  readonly follow: ApprovalFollower
}

const KEPT = 90 * 86_400_000
const DAY = 86_400_000

/** Makes the service, and what acts of the kit use. */
export function createApprovals(setting: ApprovalsSetting): Approvals & { readonly gate: ApprovalGate } {
  const { database, policy, roles, emit, now, follow } = setting
  const { kysely } = database
  const needsApproval = (name: string) => isMarked(policy, name)
  const ask = createAsk(setting)
  const decide = createDecide(setting)

  async function shown(row: ApprovalRow): Promise<Approval> {
    return toApproval(row, await namesOf(kysely, [row]), now())
  }

  async function decided(outcome: ApprovalRow | DecisionProblem): Promise<Decided> {
    return typeof outcome === 'string' ? { ok: false, reason: outcome } : { ok: true, approval: await shown(outcome) }
  }

  /** Of many at once one changes the row. `id`: that one alone. */
  async function take(...[tx, tell, wanted, x, id]: [...Parameters<ApprovalGate['take']>, id?: string]) {
    const { actor, act: name, params } = wanted
    const canonical = canonicalParams(params)
    if (canonical === undefined) return undefined
    const row = await openOf(tx, { by: nameOf(actor), hash: hashOfAct(name, canonical), now: now() })
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
    if (numUpdatedRows !== 1n) return undefined
    const [by, approvedBy] = [nameOf(actor), `user:${row.decided_by}`]
    await tell({ type: 'authz_approval_used', data: { approval: row.id, act: name, approvedBy, actor: by } }, x)
    await follow(tx, { id: row.id, act: name, params, state: 'used', by, says: '' })
    return { id: row.id, approvedBy }
  }

  return {
    policy,
    gate: {
      needsApproval,
      take,
      spend: async (tx, tell, wanted, x) => (needsApproval(wanted.act) ? await take(tx, tell, wanted, x) : 'none'),
    },
    needsApproval,

    async ask(...question) {
      const asked = await ask(...question)
      return typeof asked === 'string' ? { ok: false, reason: asked } : { ok: true, approval: await shown(asked) }
    },

    async find(actor, name, params) {
      const canonical = canonicalParams(params)
      if (canonical === undefined) return undefined
      const row = await openOf(kysely, { by: nameOf(actor), hash: hashOfAct(name, canonical), now: now() })
      return row && (await shown(row))
    },

    approve: async (id, by, note = '', x) => decided(await decide(id, by, { to: 'given', note, exchange: x })),
    decline: async (id, by, note = '', x) => decided(await decide(id, by, { to: 'declined', note, exchange: x })),

    async use(id, actor, name, params, x) {
      const used = await act(database, emit, (tx, tell) => take(tx, tell, { actor, act: name, params }, x, id))
      return used ? { ok: true, ...used } : { ok: false, reason: 'approval-required' }
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
      const over = await act(database, emit, (tx, tell) => endOverdue(tx, tell, { now: at, follow }))
      await kysely
        .deleteFrom('hf_approvals')
        .where('asked_at', '<', at - KEPT)
        .execute()
      await kysely
        .deleteFrom('hf_rights')
        .where('given_at', '<', at - DAY)
        .execute()
      return over
    },
  }
}
