/**
 * In which organisation one acts: chosen here, by the person, and written nowhere else. A tenant that one does not belong to is answered
 * like one that does not exist. Source: OWASP ASVS 5.0, 8.2.2, 8.4.1; lessons L69, L95.
 */
import { json, sentForm } from '../../../console/form.ts'
import { tenantsPage, type TenantsModel } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { Principal } from '../../../engine/facts.ts'
import { permits } from '../../../engine/policy.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { DONE, objectOf, type Operation } from '../../../http/openapi.ts'
import { NextSession, type CurrentSession } from '../../session/slot.ts'
import { NOT_FOUND, READ_ONLY, WRITE_ONLY, type ConsoleDesk, type DeskSetting, type Serve } from './desk.ts'

const LONGEST_ID = 64
const LAST_OWNER = 'You are its last owner. Make somebody else an owner first, or have it deleted.'

export const tenants: ConsoleDesk = {
  name: 'tenants',
  at: ({ path, tenants: wanted }) => (wanted ? { path: `${path}/tenants`, label: 'Organisations' } : undefined),
  operations: ({ path }) => operationsAt(`${path}/tenants`),
  start: tenantsDesk,
}

function tenantsDesk({ options, accounts, emit, facts }: DeskSetting): Serve {
  const listPath = `${options.path}/tenants`

  async function rows({ principal }: CurrentSession) {
    const own = await accounts.tenants.of(principal.id)
    return own.map(({ id, name, roles }) => {
      const held = new Set(roles.flatMap((role) => accounts.tenants.roles[role] ?? []))
      return { id, name, roles, active: principal.tenant?.id === id, manages: permits(held, 'tenant:members') }
    })
  }

  async function list(x: Exchange, current: CurrentSession, errors?: TenantsModel['errors'], status = 200): Promise<Reply> {
    const found = await rows(current)
    if (sentForm(x).json) return json({ tenants: found })
    return page(tenantsPage({ ...facts(x, current), action: listPath, tenants: found, errors }), status)
  }

  async function choose(x: Exchange, current: CurrentSession): Promise<Reply> {
    const sent = sentForm(x)
    const named = sent.text('tenant')
    if (named.length > LONGEST_ID) return nobodys(x, current)
    const chosen = await accounts.tenants.choose(current.token.reveal(), named === '' ? undefined : named, x)
    if (chosen === undefined) return nobodys(x, current)
    x.set(NextSession, chosen.token)
    x.set(Principal, chosen.principal)
    return done(x)
  }

  async function leave(x: Exchange, current: CurrentSession): Promise<Reply> {
    const { id } = current.principal
    const left = await accounts.tenants.remove(sentForm(x).text('tenant').slice(0, LONGEST_ID), id, { kind: 'user', id }, x)
    if (left.ok) return done(x)
    if (left.reason !== 'last-owner') return NOT_FOUND
    return sentForm(x).json ? deny(409, 'last-owner') : await list(x, current, { form: LAST_OWNER }, 409)
  }

  function nobodys(x: Exchange, { principal }: CurrentSession): Reply {
    emit(
      { type: 'authz_fail', data: { code: 'not-found', reason: 'tenant to which they do not belong', userId: principal.id } },
      x,
    )
    return NOT_FOUND
  }

  function done(x: Exchange): Reply {
    return sentForm(x).json ? json({ ok: true }) : seeOther(listPath)
  }

  return (x, current) => {
    if (x.path === `${listPath}/choose`) return x.method === 'POST' ? choose(x, current) : WRITE_ONLY
    if (x.path === `${listPath}/leave`) return x.method === 'POST' ? leave(x, current) : WRITE_ONLY
    if (x.path !== listPath) return undefined
    return x.method === 'GET' || x.method === 'HEAD' ? list(x, current) : READ_ONLY
  }
}

const TEXT = { type: 'string' } as const
const TENANT = objectOf({
  id: TEXT,
  name: TEXT,
  roles: { type: 'array', items: TEXT },
  active: { type: 'boolean' },
  manages: { type: 'boolean' },
})
const NONE = { 404: { what: 'There is none with this id, or one does not belong to it.' } } as const

function operationsAt(path: string): readonly Operation[] {
  return [
    {
      ...{ method: 'get', path, id: 'listTenants', as: 'session' },
      what: 'The tenants one belongs to, and in which this session acts.',
      answers: { 200: { what: 'Them.', schema: objectOf({ tenants: { type: 'array', items: TENANT } }) } },
    },
    {
      ...{ method: 'post', path: `${path}/choose`, id: 'chooseTenant', as: 'session' },
      what: 'Lets this session act in a tenant, or, with an empty text, in none; the session gets a new token.',
      body: objectOf({ tenant: TEXT }),
      answers: { 200: DONE, ...NONE },
    },
    {
      ...{ method: 'post', path: `${path}/leave`, id: 'leaveTenant', as: 'session' },
      what: 'Leaves a tenant.',
      body: objectOf({ tenant: TEXT }),
      answers: { 200: DONE, ...NONE, 409: { what: 'One is its last owner.' } },
    },
  ]
}
