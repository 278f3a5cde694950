/**
 * By which other providers one can sign in, for the person: see it, link one, unlink one. Both ask for a proof of the last ten minutes:
 * what is linked on an unlocked screen lets somebody in for good. Source: OWASP ASVS 5.0, 6.8 and 7.5.1; L41, L103.
 */
import { json, sentForm } from '../../../console/form.ts'
import { identitiesPage, type IdentitiesModel } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { objectOf } from '../../../http/openapi.ts'
import type { CurrentSession } from '../../session/slot.ts'
import type { ConsoleOptions } from '../options.ts'
import { isRecent, NOT_FOUND, READ_ONLY, WRITE_ONLY, type ConsoleDesk, type DeskSetting, type Serve } from './desk.ts'

const PROVE = deny(401, 'recent-proof-required', { reason: 'changing identities' })
const LAST = 'This is your only way to sign in. Set a password or link another account first.'

const pathOf = ({ path }: Pick<ConsoleOptions, 'path'>) => `${path}/identities`

export const identities: ConsoleDesk = {
  name: 'identities',
  at: (options) => (options.providers.length > 0 ? { path: pathOf(options), label: 'Sign-in by others' } : undefined),
  operations: (options) => [
    {
      method: 'get',
      path: pathOf(options),
      id: 'listIdentities',
      what: 'The accounts of other providers by which one can sign in.',
      as: 'session',
      answers: { 200: { what: 'The list.', schema: objectOf({ identities: { type: 'array', items: { type: 'object' } } }) } },
    },
    {
      method: 'post',
      path: `${pathOf(options)}/unlink`,
      id: 'unlinkIdentity',
      what: 'Takes one away. The other sessions of the user end.',
      as: 'session',
      body: objectOf({ identity: { type: 'string' } }),
      answers: {
        200: { what: 'Done.', schema: objectOf({ ok: { const: true } }) },
        401: { what: 'A recent proof is needed.' },
        404: { what: 'One has no such identity.' },
        409: { what: 'It is the only way to sign in.' },
      },
    },
  ],
  start: identitiesDesk,
}

function identitiesDesk({ options, accounts, emit, facts }: DeskSetting): Serve {
  const { identities } = accounts
  const { providers } = options
  const listPath = pathOf(options)

  async function list(x: Exchange, current: CurrentSession): Promise<Reply> {
    if (!sentForm(x).json) return await show(x, current)
    const rows = await identities.of(current.principal.id)
    return json({ identities: rows })
  }

  async function show(x: Exchange, current: CurrentSession, more: Partial<IdentitiesModel> = {}, status = 200): Promise<Reply> {
    const rows = await identities.of(current.principal.id)
    const labels = new Map(providers.map(({ issuer, label }) => [issuer, label]))
    const items = rows.map(({ id, issuer, provider, shown, linkedAt, usedAt }) => {
      const label = labels.get(issuer) ?? provider
      return { id, label, shown, linked: linkedAt, used: usedAt }
    })
    const prove = isRecent(x, current) ? undefined : `${options.againPath}?next=${encodeURIComponent(listPath)}`
    const model = { ...facts(x, current), path: listPath, identities: items, providers, prove, ...more }
    return page(identitiesPage(model), status)
  }

  /** One's own only: the user's id stands beside the identity's in the question to the store. */
  async function unlink(x: Exchange, current: CurrentSession): Promise<Reply> {
    if (!isRecent(x, current)) return PROVE
    const sent = sentForm(x)
    const { id } = current.principal
    const options = { keepSession: current.session.id, exchange: x }
    const result = await identities.unlink(id, sent.text('identity'), { kind: 'user', id }, options)
    if (result.ok) return sent.json ? json({ ok: true }) : seeOther(listPath)
    if (result.reason === 'last-way-in')
      return sent.json ? deny(409, 'last-way-in') : await show(x, current, { errors: { form: LAST } }, 409)
    emit({ type: 'authz_fail', data: { code: 'not-found', reason: 'identity of nobody or of another user' } }, x)
    return NOT_FOUND
  }

  return (x, current) => {
    if (x.path === `${listPath}/unlink`) return x.method === 'POST' ? unlink(x, current) : WRITE_ONLY
    if (x.path !== listPath) return undefined
    return x.method === 'GET' || x.method === 'HEAD' ? list(x, current) : READ_ONLY
  }
}
