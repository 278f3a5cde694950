/**
 * The members of an organisation, for those who may change them: it takes `tenant:members` there, or `tenants:manage`. A tenant that one has nothing to do with
 * is answered like one that does not exist. Source: OWASP ASVS 5.0 8.2.2, 8.4.1; lessons L94, L95, L96.
 */
import type { Invited, TenantChange } from '../../../accounts/types.ts'
import { json, queryText, sentForm } from '../../../console/form.ts'
import { membersPage, type MembersModel } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { permits } from '../../../engine/policy.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import type { CurrentSession } from '../../session/slot.ts'
import { guardProof, NOT_FOUND, READ_ONLY, WRITE_ONLY, type ConsoleDesk, type DeskSetting, type Serve } from './desk.ts'
import { memberOperations } from './members-operations.ts'

const MEMBERS = 'tenant:members'
const MANAGE_ALL = 'tenants:manage'
const LONGEST_ID = 64
const LONGEST = 254

type Problem = Extract<TenantChange | Invited, { ok: false }>['reason']

/** Status and words of what was refused; what is not here is a 404, as for a tenant that is none. */
const PROBLEMS: Readonly<Partial<Record<Problem, readonly [status: number, words: string]>>> = {
  'not-permitted': [403, 'You may not do this.'],
  'role-not-held': [403, 'You can give and take away only roles that you hold.'],
  'last-owner': [409, 'This is the last owner. Make somebody else an owner first.'],
  'role-unknown': [422, 'There is no such role.'],
  'service-owner': [422, 'A service owns no organisation. Give it another role.'],
  'address-invalid': [422, 'That is no address of mail.'],
  'too-many': [429, 'Too many invitations. Try again later.'],
  closed: [403, 'Nobody can be invited here.'],
  'no-mail': [403, 'Nobody can be invited here: no mail is sent.'],
}

export const members: ConsoleDesk = {
  name: 'members',
  at: ({ path, tenants: wanted }) => (wanted ? { path: `${path}/tenants/members` } : undefined),
  operations: ({ path }) => memberOperations(`${path}/tenants/members`),
  start: membersDesk,
}

function membersDesk({ options, accounts, emit, facts }: DeskSetting): Serve {
  const { tenants, invitations } = accounts
  const listPath = `${options.path}/tenants/members`
  const inviting = accounts.sendsMail && accounts.signUp.mode !== 'closed'

  /** The tenant, if this one may change who belongs to it; or what is answered. */
  async function managed(x: Exchange, { principal }: CurrentSession, id: string) {
    const own = (await tenants.of(principal.id)).find((one) => one.id === id)
    const all = permits(principal.permissions, MANAGE_ALL)
    const held = new Set((own?.roles ?? []).flatMap((role) => tenants.roles[role] ?? []))
    if (all || permits(held, MEMBERS)) return all && !own ? ((await tenants.byId(id)) ?? NOT_FOUND) : own!
    const code = own ? 'not-permitted' : 'not-found'
    emit({ type: 'authz_fail', data: { code, reason: 'members of a tenant', tenant: id, userId: principal.id } }, x)
    return own ? deny(403, code) : NOT_FOUND
  }

  async function list(x: Exchange, current: CurrentSession, id: string, more: Partial<MembersModel> = {}, status = 200) {
    const tenant = await managed(x, current, id)
    if ('status' in tenant) return tenant
    const found = await tenants.members(tenant.id)
    const all = inviting ? await invitations.list() : []
    const invited = all
      .filter((one) => one.tenant?.id === tenant.id)
      .map(({ id: invitation, address, tenant: to, expiresAt }) => ({
        id: invitation,
        address,
        roles: to?.roles ?? [],
        expiresAt,
      }))
    const roles = Object.keys(tenants.roles)
    const named = { id: tenant.id, name: tenant.name }
    if (sentForm(x).json) return json({ tenant: named, roles, members: found, invitations: invited })
    const shown = { tenant: named, members: found, roles, ...(inviting && { invited }), ...more }
    return page(membersPage({ ...facts(x, current), action: listPath, ...shown }), status)
  }

  async function act(x: Exchange, current: CurrentSession, name: string): Promise<Reply> {
    const sent = sentForm(x)
    const tenantId = sent.text('tenant').slice(0, LONGEST_ID)
    const tenant = await managed(x, current, tenantId)
    if ('status' in tenant) return tenant
    const back = `${listPath}?tenant=${encodeURIComponent(tenantId)}`
    const unproved = await guardProof(x, current, { accounts, options, back })
    if (unproved) return unproved
    const changed = await change(x, current, name, tenantId)
    if (changed.ok) return sent.json ? json({ ok: true }) : seeOther(back)
    const [status, words] = PROBLEMS[changed.reason] ?? [404, '']
    if (status === 404) return NOT_FOUND
    if (sent.json) return deny(status, changed.reason)
    const at = changed.reason === 'address-invalid' ? 'address' : 'form'
    return await list(x, current, tenantId, { errors: { [at]: words }, address: sent.text('address').slice(0, LONGEST) }, status)
  }

  async function change(x: Exchange, { principal }: CurrentSession, name: string, tenantId: string) {
    const { text } = sentForm(x)
    const actor = { kind: 'user', id: principal.id } as const
    const userId = text('user').slice(0, LONGEST_ID)
    if (name === 'set-roles') return await tenants.setRoles(tenantId, userId, rolesSent(text), actor, x)
    if (name === 'remove') return await tenants.remove(tenantId, userId, actor, x)
    if (name === 'revoke') return await revoke(x, text('invitation').slice(0, LONGEST_ID), tenantId, actor)
    const tenant = { id: tenantId, roles: rolesSent(text) }
    return await invitations.create({ address: text('address').slice(0, LONGEST + 1), tenant, invitedBy: actor }, x)
  }

  /** Only one of this tenant: whoever may take back others does so elsewhere. */
  async function revoke(x: Exchange, id: string, tenantId: string, actor: { readonly kind: 'user'; readonly id: string }) {
    const own = (await invitations.list()).some((one) => one.id === id && one.tenant?.id === tenantId)
    const over = own && (await invitations.revoke(id, actor, x))
    return over ? ({ ok: true } as const) : ({ ok: false, reason: 'unknown-tenant' } as const)
  }

  /** Boxes of the page, or `roles` with a space between. */
  function rolesSent(text: (name: string) => string): readonly string[] {
    const listed = text('roles')
      .slice(0, LONGEST)
      .split(' ')
      .filter((role) => role !== '')
    return [...listed, ...Object.keys(tenants.roles).filter((role) => text(`role:${role}`) !== '')]
  }

  return (x, current) => {
    const name = x.path.slice(listPath.length + 1)
    if (ACTS.includes(name)) return x.method === 'POST' ? act(x, current, name) : WRITE_ONLY
    if (x.path !== listPath) return undefined
    if (x.method !== 'GET' && x.method !== 'HEAD') return READ_ONLY
    return list(x, current, queryText(x, 'tenant').slice(0, LONGEST_ID))
  }
}

const ACTS: readonly string[] = ['set-roles', 'remove', 'invite', 'revoke']
