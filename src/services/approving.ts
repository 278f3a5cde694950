/**
 * What a route does that needs a second person: `holdfast.of(request).approved('payout', { to, amount }, () => …)`. The work stands inside, so
 * that it cannot be done without the approval, and what is bound are the values that the route works with, not those that a form names.
 */
import type { Approval, ApprovalParams, Approvals, UsedApproval } from '../accounts/types.ts'
import { canonicalParams } from '../accounts/approvals/acts.ts'
import type { Asking } from '../console/asking.ts'
import { pageFacts, sentForm } from '../console/form.ts'
import { askApprovalPage } from '../console/pages/index.ts'
import { HoldfastError } from '../engine/errors.ts'
import type { Exchange } from '../engine/exchange.ts'
import { Principal, RequestId } from '../engine/facts.ts'
import { answer, deny, page, type Reply } from '../engine/reply.ts'
import { PROBLEM_TYPE, problemJson } from '../http/problem.ts'

/** Uses an approval up, or says what is answered. */
export type Approving = (x: Exchange, act: string, params: ApprovalParams) => Promise<UsedApproval | Reply>

export interface ApprovingSetting {
  readonly approvals: Approvals
  readonly asking: Asking
  /** Where the page of approvals is; absent where the console is off. */
  readonly path: string | undefined
  readonly brand: string
}

const REQUIRED = 'approval-required'

export function createApproving({ approvals, asking, path, brand }: ApprovingSetting): Approving {
  return async (x, act, params) => {
    // Fail closed: an act with a slip in its name would need nobody.
    if (!approvals.needsApproval(act))
      throw new HoldfastError('HF_APPROVAL_UNKNOWN', `The act ${JSON.stringify(act)} is not one that needs a second person.`, {
        fix: 'Name it in approval.acts.',
      })
    const principal = x.get(Principal)
    if (!principal) return deny(401, 'sign-in-required')
    if (principal.impersonatedBy) return deny(403, 'impersonation-own-alone')
    if (canonicalParams(params) === undefined)
      return deny(422, 'approval-params', { reason: 'what is asked could not be shown as it is' })
    const actor = { kind: 'user', id: principal.id } as const
    const used = await approvals.use(undefined, actor, act, params, x)
    if (used.ok) return used
    const waiting = await approvals.find(actor, act, params)
    return refuse(x, { act, params }, asking.seal({ act, params }, principal.id), waiting)
  }

  function refuse(x: Exchange, wanted: { act: string; params: ApprovalParams }, request: string, waiting?: Approval): Reply {
    if (!sentForm(x).json && path !== undefined) {
      const model = { ...pageFacts(x), base: '', brand, action: path, ...wanted, request }
      return page(askApprovalPage({ ...model, ...(waiting && { waiting: { until: waiting.expiresAt } }) }), 403)
    }
    const instance = x.get(RequestId)
    const more = waiting ? { approval: waiting.id, until: waiting.expiresAt } : { request, ask: path && `${path}/ask` }
    const code = waiting ? 'approval-pending' : REQUIRED
    const problem = { status: 403, code, act: wanted.act, ...more, ...(instance !== undefined && { instance }) }
    return answer(403, { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' }, problemJson(problem))
  }
}
