/**
 * Acting as one of the users, for who may: begun with a reason and a recent proof, ended by a button. The way back is on the server.
 * Source: OWASP ASVS 5.0 7.5.3, 8.2; lessons L69, L70 (CVE-2021-28680).
 */
import type { Impersonated } from '../../../accounts/types.ts'
import { actAs, IMPERSONATE } from '../../../accounts/approvals/kit.ts'
import { json, pageFacts, queryText, sentForm } from '../../../console/form.ts'
import { askApprovalPage, impersonationPage, type ImpersonationModel } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { permits } from '../../../engine/policy.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { DONE, objectOf, type Operation } from '../../../http/openapi.ts'
import { NextSession, type CurrentSession } from '../../session/slot.ts'
import { isRecent, NOT_FOUND, READ_ONLY, WRITE_ONLY, type ConsoleDesk, type DeskSetting, type Serve } from './desk.ts'

const LONGEST_ID = 64
const MAY = 'users:impersonate'
const NOT_PERMITTED = deny(403, 'not-permitted', { reason: `permission ${MAY}` })
const NOT_RECENT = deny(401, 'recent-proof-required')

export const impersonation: ConsoleDesk = {
  name: 'impersonation',
  at: ({ path, impersonation: wanted }) => (wanted ? { path: `${path}/impersonation` } : undefined),
  operations: ({ path }) => operationsAt(`${path}/impersonation`),
  start: impersonationDesk,
}

function impersonationDesk({ options, accounts, facts }: DeskSetting): Serve {
  const listPath = `${options.path}/impersonation`

  async function show(x: Exchange, current: CurrentSession): Promise<Reply> {
    const { login, impersonatedBy } = current.principal
    if (sentForm(x).json) return json({ as: impersonatedBy ? current.principal.id : null, until: impersonatedBy?.until ?? null })
    if (impersonatedBy) return render(x, current, { acting: { as: login, until: impersonatedBy.until } })
    if (!permits(current.principal.permissions, MAY)) return NOT_PERMITTED
    if (!isRecent(x, current)) return NOT_RECENT
    return render(x, current, { user: await named(queryText(x, 'user')) })
  }

  async function named(id: string) {
    const user = id === '' || id.length > LONGEST_ID ? undefined : await accounts.users.byId(id)
    return user && { id: user.id, login: user.login, name: user.name }
  }

  function render(x: Exchange, current: CurrentSession, more: Partial<ImpersonationModel>, status = 200): Reply {
    return page(impersonationPage({ ...facts(x, current), action: listPath, ...more }), status)
  }

  async function start(x: Exchange, current: CurrentSession): Promise<Reply> {
    const sent = sentForm(x)
    if (!permits(current.principal.permissions, MAY)) return NOT_PERMITTED
    if (!isRecent(x, current)) return NOT_RECENT
    const userId = sent.text('user').slice(0, LONGEST_ID)
    const result = await accounts.impersonation.start(
      { session: current.token.reveal(), userId, reason: sent.text('reason'), tenantId: sent.text('tenant') || undefined },
      x,
    )
    if (!result.ok) return await refuse(x, current, userId, result.reason)
    x.set(NextSession, result.token)
    return sent.json ? json({ ok: true }) : seeOther('/')
  }

  async function refuse(
    x: Exchange,
    current: CurrentSession,
    userId: string,
    reason: Extract<Impersonated, { ok: false }>['reason'],
  ): Promise<Reply> {
    if (reason === 'approval') return await askSecond(x, current, userId)
    if (reason !== 'reason') return NOT_FOUND
    if (sentForm(x).json) return deny(422, 'reason-required')
    return render(x, current, { user: await named(userId), errors: { reason: 'Write why you do it.' } }, 422)
  }

  /** The reason that was given is the one of the question. */
  async function askSecond(x: Exchange, { principal }: CurrentSession, userId: string): Promise<Reply> {
    const user = await accounts.users.byId(userId)
    if (user === undefined) return NOT_FOUND
    const sent = sentForm(x)
    const params = actAs(user.login, user.id)
    const asked = await accounts.approvals.ask({ kind: 'user', id: principal.id }, IMPERSONATE, params, sent.text('reason'), x)
    if (!asked.ok) return deny(asked.reason === 'too-many' ? 429 : 403, 'approval-required')
    const { id, expiresAt } = asked.approval
    if (sent.json) return deny(403, 'approval-pending')
    const model = { ...pageFacts(x), base: '', brand: options.brand, action: `${options.path}/approvals`, request: id }
    return page(askApprovalPage({ ...model, act: IMPERSONATE, params, waiting: { until: expiresAt } }), 403)
  }

  async function stop(x: Exchange, current: CurrentSession): Promise<Reply> {
    const own = await accounts.impersonation.stop(current.token.reveal(), x)
    if (own) x.set(NextSession, own.token)
    return sentForm(x).json ? json({ ok: true }) : seeOther(own ? '/' : listPath)
  }

  return (x, current) => {
    if (x.path === `${listPath}/start`) return x.method === 'POST' ? start(x, current) : WRITE_ONLY
    if (x.path === `${listPath}/stop`) return x.method === 'POST' ? stop(x, current) : WRITE_ONLY
    if (x.path !== listPath) return undefined
    return x.method === 'GET' || x.method === 'HEAD' ? show(x, current) : READ_ONLY
  }
}

const TEXT = { type: 'string' } as const

function operationsAt(path: string): readonly Operation[] {
  return [
    {
      ...{ method: 'get', path, id: 'getImpersonation', as: 'session' },
      what: 'As whom this session acts, and until when.',
      answers: {
        200: {
          what: 'It; null when it acts as its own user.',
          schema: objectOf({ as: { type: ['string', 'null'] }, until: { type: ['integer', 'null'] } }),
        },
      },
    },
    {
      ...{ method: 'post', path: `${path}/start`, id: 'startImpersonation', as: 'session' },
      what: 'Acts as a user from now on, in one of their tenants or in none; asks for `users:impersonate` and a recent proof.',
      body: objectOf({ user: TEXT, reason: TEXT, tenant: TEXT }, ['tenant']),
      answers: {
        200: DONE,
        401: { what: 'The last proof is too old.' },
        403: { what: 'Not permitted.' },
        404: { what: 'Nobody as whom one may act.' },
        422: { what: 'No reason was given.' },
      },
    },
    {
      ...{ method: 'post', path: `${path}/stop`, id: 'stopImpersonation', as: 'session' },
      what: 'Acts as oneself again.',
      answers: { 200: DONE },
    },
  ]
}
