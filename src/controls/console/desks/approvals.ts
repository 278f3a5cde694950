/**
 * What waits for a second person, for who may decide, and for who asked. Who may say yes is looked at by accounts; here is the proof that
 * a page can ask for anew. Source: NIST SP 800-53 AC-3(2); OWASP ASVS 5.0 2.3.4.
 */
import type { Approval, DecisionProblem } from '../../../accounts/types.ts'
import { Asking, type Wanted } from '../../../console/asking.ts'
import { json, pageFacts, sentForm } from '../../../console/form.ts'
import { approvalsPage, askApprovalPage, type ApprovalItem } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { permits } from '../../../engine/policy.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { objectOf, type Operation } from '../../../http/openapi.ts'
import type { CurrentSession } from '../../session/slot.ts'
import { guardProof, NOT_FOUND, READ_ONLY, WRITE_ONLY, type ConsoleDesk, type DeskSetting, type Serve } from './desk.ts'

const DECIDE = 'approvals:decide'
const MOST_OVER = 20
const LONGEST_ID = 64

const STATUS: Readonly<Record<DecisionProblem, number>> = {
  unknown: 409,
  'same-person': 403,
  'rights-given': 403,
  'not-permitted': 403,
  proof: 401,
}
const WORDS: Readonly<Record<DecisionProblem, string>> = {
  unknown: 'It waits no more: somebody decided, or it ran out.',
  'same-person': 'You asked for it yourself. Another person has to say yes.',
  'rights-given': 'Who asks gave you your rights within the last day. Somebody else has to say yes.',
  'not-permitted': 'You may not decide about this.',
  proof: 'Prove again who you are, and then decide.',
}

export const approvals: ConsoleDesk = {
  name: 'approvals',
  at: ({ path, approvals: wanted }) =>
    wanted === false ? undefined : { path: `${path}/approvals`, ...(wanted === true && { label: 'Approvals' }) },
  operations: ({ path }) => operationsAt(`${path}/approvals`),
  start: approvalsDesk,
}

function approvalsDesk(setting: DeskSetting): Serve {
  const { options, accounts, facts } = setting
  const { approvals: service } = accounts
  const listPath = `${options.path}/approvals`
  const asking = setting.setting.use(Asking)

  async function list(x: Exchange, current: CurrentSession, error?: string, status = 200): Promise<Reply> {
    const { id, permissions } = current.principal
    const decides = permits(permissions, DECIDE)
    const own = decides ? {} : { askedBy: `user:${id}` }
    const [open, all] = [await service.list({ ...own, open: true, limit: 500 }), await service.list({ ...own, limit: 200 })]
    const over = all.filter(({ state }) => state !== 'asked' && state !== 'given').slice(0, MOST_OVER)
    const item = (one: Approval): ApprovalItem => ({ ...one, by: one.askedByName, own: one.askedBy === `user:${id}` })
    if (sentForm(x).json) return json({ approvals: [...open, ...over].map(visible) })
    const errors = error === undefined ? undefined : { form: error }
    const shown = { open: open.map(item), over: over.map(item), decides, now: x.time }
    return page(approvalsPage({ ...facts(x, current), action: listPath, ...shown, errors }), status)
  }

  async function decide(x: Exchange, current: CurrentSession, what: 'approve' | 'decline'): Promise<Reply> {
    const unproved = await guardProof(x, current, { accounts, options, back: listPath })
    if (unproved) return unproved
    const sent = sentForm(x)
    const by = { session: current.token.reveal() }
    const result = await service[what](sent.text('approval').slice(0, LONGEST_ID), by, sent.text('note'), x)
    if (result.ok) return sent.json ? json({ approval: visible(result.approval) }) : seeOther(listPath)
    const [status, code] = [STATUS[result.reason], `approval-${result.reason}`]
    return sent.json ? deny(status, code) : await list(x, current, WORDS[result.reason], status)
  }

  /** What was asked for stands in the sealed text that the refusal gave, to this user alone. */
  async function ask(x: Exchange, current: CurrentSession): Promise<Reply> {
    const sent = sentForm(x)
    const { id } = current.principal
    const wanted = asking.read(sent.text('request'), id)
    if (wanted === undefined) return sent.json ? deny(410, 'request-over') : seeOther(listPath)
    const asked = await service.ask({ kind: 'user', id }, wanted.act, wanted.params, sent.text('reason'), x)
    if (asked.ok) return sent.json ? json({ approval: visible(asked.approval) }, 201) : seeOther(listPath)
    if (asked.reason === 'reason') return again(x, wanted, sent.text('request'))
    if (asked.reason === 'too-many') return sent.json ? deny(429, 'too-many-questions') : await list(x, current, TOO_MANY, 429)
    return NOT_FOUND
  }

  function again(x: Exchange, wanted: Wanted, request: string): Reply {
    if (sentForm(x).json) return deny(422, 'reason-required')
    const model = { ...pageFacts(x), base: '', brand: options.brand, action: listPath, ...wanted, request }
    return page(askApprovalPage({ ...model, errors: { reason: 'Write why you want to do it.' } }), 422)
  }

  return (x, current) => {
    if (x.path === `${listPath}/approve`) return x.method === 'POST' ? decide(x, current, 'approve') : WRITE_ONLY
    if (x.path === `${listPath}/decline`) return x.method === 'POST' ? decide(x, current, 'decline') : WRITE_ONLY
    if (x.path === `${listPath}/ask`) return x.method === 'POST' ? ask(x, current) : WRITE_ONLY
    if (x.path !== listPath) return undefined
    return x.method === 'GET' || x.method === 'HEAD' ? list(x, current) : READ_ONLY
  }
}

const TOO_MANY = 'Too many questions of yours wait, or were asked today. Take one back, or wait.'

function visible({ id, act, params, askedBy, reason, askedAt, expiresAt, state, decidedBy, note }: Approval): object {
  return { id, act, params, askedBy, reason, askedAt, expiresAt, state, decidedBy: decidedBy ?? null, note }
}

const TEXT = { type: 'string' } as const
const TIME = { type: 'integer', description: 'Milliseconds since 1970.' } as const
const APPROVAL = objectOf({
  ...{ id: TEXT, act: TEXT, params: { type: 'object' }, askedBy: TEXT, reason: TEXT, askedAt: TIME, expiresAt: TIME },
  ...{ state: { enum: ['asked', 'given', 'declined', 'used', 'expired'] }, decidedBy: { type: ['string', 'null'] }, note: TEXT },
})
const ONE = objectOf({ approval: APPROVAL })

function operationsAt(path: string): readonly Operation[] {
  const own = { method: 'post', as: 'session' } as const
  const decision = { body: objectOf({ approval: TEXT, note: TEXT }, ['note']) }
  const answers = {
    401: { what: 'The last proof is too old.' },
    403: { what: 'Not by this person.' },
    409: { what: 'It waits no more.' },
  }
  return [
    {
      ...{ method: 'get', path, id: 'listApprovals', as: 'session' },
      what: 'What waits for a second person, and what became of the last ones: all, for who may decide; otherwise one’s own.',
      answers: { 200: { what: 'Them.', schema: objectOf({ approvals: { type: 'array', items: APPROVAL } }) } },
    },
    {
      ...{ ...own, path: `${path}/ask`, id: 'askApproval', what: 'Asks for a second person, with the `request` of the refusal.' },
      body: objectOf({ request: TEXT, reason: TEXT }),
      answers: {
        201: { what: 'It waits.', schema: ONE },
        410: { what: 'The request is too old, or not of this user.' },
        422: { what: 'No reason was given.' },
        429: { what: 'Too many wait.' },
      },
    },
    {
      ...{ ...own, path: `${path}/approve`, id: 'approve', what: 'Says yes: who asked may do it once. Asks for a recent proof.' },
      ...{ ...decision, answers: { 200: { what: 'Approved.', schema: ONE }, ...answers } },
    },
    {
      ...{
        ...own,
        path: `${path}/decline`,
        id: 'decline',
        what: 'Says no, also after a yes that was not used; or takes one’s own back.',
      },
      ...{ ...decision, answers: { 200: { what: 'Declined.', schema: ONE }, ...answers } },
    },
  ]
}
