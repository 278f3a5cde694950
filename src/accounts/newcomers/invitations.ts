/**
 * Invitations: made by who may, for roles that they hold, good for a week and for exactly one address. Nobody is a user before they
 * accept, so there is nothing that another door could revive when the invitation is over (L35; CVE-2023-48220).
 * Sources: OWASP ASVS 5.0 8.2; lessons L35, L94, L96; GHSA-fmh4-wcc4-5jm3.
 */
import { act } from '../../engine/act.ts'
import { sql } from 'kysely'
import type { Emit } from '../../engine/events.ts'
import { permits } from '../../engine/policy.ts'
import { ownerOf, readAddress, type MailAddress, type On } from '../addresses/addresses.ts'
import type { Asks } from '../mail/asks.ts'
import { spendForRoles } from '../approvals/kit.ts'
import type { ApprovalGate } from '../approvals/types.ts'
import { nameOf, readId } from '../ids.ts'
import type { Link, Links } from '../mail/links.ts'
import type { LoginName } from '../users/names.ts'
import type { Invitation, Invitations, Invited, NewInvitation, SignUpPolicy } from './types.ts'
import { normaliseName } from '../users/normalise.ts'
import type { Post } from '../mail/post.ts'
import { splitRoles, type Roles } from '../users/roles.ts'
import { MEMBERS, type Authority } from '../tenants/authority.ts'
import type { AccountsDatabase, AccountsTransaction } from '../schema.ts'
import { handleOf, hashOfToken } from '../sessions/token.ts'
import { roleWithin } from './sign-up-policy.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly links: Links
  readonly post: Post
  readonly asks: Asks
  readonly roles: Roles
  /** Those in a tenant. */
  readonly tenantRoles: Roles
  readonly inTenants: Authority
  readonly policy: SignUpPolicy
  readonly approved: ApprovalGate
  readonly names: (login: string) => LoginName
  readonly emit: Emit
  readonly now: () => number
}

type Refused = Extract<Invited, { ok: false }>['reason']

/** What the inviter needs beside the roles themselves. */
export const INVITE = 'users:invite'
const PURPOSE = 'invitation'
const LIFE = 7 * 86_400_000
const MOST_LISTED = 500

/** What was written into the link. */
export interface InvitationTerms {
  readonly roles: readonly string[]
  /** Of which tenant they become a member, and as what. */
  readonly tenant?: { readonly id: string; readonly roles: readonly string[] }
  readonly name: string | undefined
  /** `user:<id>`, `system:cli`. */
  readonly invitedBy: string
}

/** What the link of an invitation stands for. */
export function readTerms({ data }: Pick<Link, 'data'>): InvitationTerms {
  const name = data['name'] === undefined ? undefined : String(data['name'])
  const id = data['tenant']
  const tenant = typeof id === 'string' ? { id, roles: splitRoles(String(data['tenantRoles'] ?? '')) } : undefined
  return { roles: splitRoles(String(data['roles'] ?? '')), ...(tenant && { tenant }), name, invitedBy: String(data['by']) }
}

type Given = Pick<InvitationTerms, 'roles' | 'tenant'>

/**
 * Makes the question whether somebody may give this now; the server itself may. It is asked again when somebody accepts. Into a tenant
 * those invite who may add members there, to roles that they hold in it and to what every newcomer gets (L96).
 */
export function createAuthority({
  roles,
  tenantRoles,
  inTenants,
  policy,
}: Pick<Setting, 'roles' | 'tenantRoles' | 'inTenants' | 'policy'>) {
  return async (on: On, actor: string, { roles: wanted, tenant }: Given): Promise<Lacking | undefined> => {
    if (roles.stored(wanted) === undefined || (tenant && tenantRoles.stored(tenant.roles) === undefined)) return 'role-unknown'
    if (tenant && !(await isThere(on, tenant.id))) return 'unknown-tenant'
    const [kind, id = ''] = actor.split(':', 2)
    if (kind === 'system') return undefined
    const row = await on.selectFrom('hf_users').select(['roles', 'status']).where('id', '=', readId(id)).executeTakeFirst()
    if (kind !== 'user' || row?.status !== 'active') return 'not-permitted'
    const held = roles.granted(row.roles)
    const lacking =
      tenant && (await inTenants.lacks(on, { actor, tenantId: tenant.id, permission: MEMBERS, roles: tenant.roles }))
    if (lacking !== undefined) return lacking
    if (tenant === undefined && !permits(held.permissions, INVITE)) return 'not-permitted'
    return roleWithin(wanted, held.roles, { roles, policy }) ? undefined : 'role-not-held'
  }
}

type Lacking = 'role-unknown' | 'unknown-tenant' | 'not-permitted' | 'role-not-held'

async function isThere(on: On, tenantId: string): Promise<boolean> {
  return (await on.selectFrom('hf_tenants').select('id').where('id', '=', readId(tenantId)).executeTakeFirst()) !== undefined
}

/** Makes the service. */
export function createInvitations(setting: Setting): Invitations {
  const { database, links, post, asks, roles, tenantRoles, policy, names, approved, emit, now } = setting
  const lacks = createAuthority(setting)

  async function check({ name, invitedBy }: NewInvitation, given: Given): Promise<Refused | undefined> {
    if (policy.mode === 'closed') return 'closed'
    if (!post.sends) return 'no-mail'
    if (name !== undefined && !normaliseName(name).ok) return 'name-invalid'
    return await lacks(database.kysely, nameOf(invitedBy), given)
  }

  /** One living invitation an address and tenant: the next one takes the place of the one before, and of no other tenant's. */
  async function endEarlier(tx: AccountsTransaction, { key }: MailAddress, tenant: Given['tenant']): Promise<void> {
    const rows = await tx
      .selectFrom('hf_links')
      .select(['hash', 'data'])
      .where('purpose', '=', PURPOSE)
      .where(sql`lower(address)`, '=', key)
      .execute()
    const over = rows.filter(({ data }) => readTerms({ data: JSON.parse(data) as Link['data'] }).tenant?.id === tenant?.id)
    if (over.length === 0) return
    await tx
      .deleteFrom('hf_links')
      .where(
        'hash',
        'in',
        over.map(({ hash }) => hash),
      )
      .execute()
  }

  return {
    async create(invitation, x) {
      const { roles: wanted = [], name, invitedBy, asker = invitedBy } = invitation
      const tenant = invitation.tenant && { id: readId(invitation.tenant.id), roles: invitation.tenant.roles ?? [] }
      const address = readAddress(invitation.address)
      if (!address) return { ok: false, reason: 'address-invalid' }
      const refused = await check(invitation, { roles: wanted, ...(tenant && { tenant }) })
      if (refused !== undefined) return { ok: false, reason: refused }
      const [by, { mark }] = [nameOf(invitedBy), names(address.key)]
      if (!(await asks.admitFrom(PURPOSE, mark, by))) return { ok: false, reason: 'too-many' }
      const data = {
        ...{ roles: roles.stored(wanted)!, by, ...(name !== undefined && { name: name.normalize('NFC').trim() }) },
        ...(tenant && { tenant: tenant.id, tenantRoles: tenantRoles.stored(tenant.roles)! }),
      }
      const at = now()
      const granting = { actor: invitedBy, asker, to: address.key, before: '', after: data.roles, exchange: x }
      const written = await act(database, emit, async (tx, tell) => {
        if (!(await spendForRoles(tx, tell, { approved, roles }, granting))) return undefined
        await endEarlier(tx, address, tenant)
        const owner = await ownerOf(tx, address)
        // As it was typed: the stored spelling, in the list, would tell the inviter that there is an owner.
        const token = await links.issue(tx, { purpose: PURPOSE, address: address.text, data, life: LIFE })
        const facts = {
          link: post.linkTo(PURPOSE, token),
          inviter: (await inviterOf(tx, by)) ?? '',
          days: String(LIFE / 86_400_000),
        }
        if (owner) await post.write(tx, 'invitation-to-owner', owner.text, facts)
        else await post.write(tx, 'invitation', address.text, facts)
        const id = handleOf(hashOfToken(token.reveal())!)
        await tell(
          { type: 'authn_invited', data: { invitation: id, login: mark, roles: wanted, tenant: tenant?.id, actor: by } },
          x,
        )
        return id
      })
      if (!written) return { ok: false, reason: 'approval-required' }
      const terms = readTerms({ data })
      return { ok: true, invitation: { id: written, address: address.text, ...terms, createdAt: at, expiresAt: at + LIFE } }
    },

    async list() {
      const rows = await database.kysely
        .selectFrom('hf_links')
        .selectAll()
        .where('purpose', '=', PURPOSE)
        .where('expires_at', '>', now())
        .orderBy('created_at', 'desc')
        .limit(MOST_LISTED)
        .execute()
      return rows.map(({ hash, address, data, created_at, expires_at }): Invitation => {
        const bound: Link['data'] = JSON.parse(data)
        const when = { createdAt: created_at, expiresAt: expires_at }
        return { id: handleOf(hash), address: address ?? '', ...readTerms({ data: bound }), ...when }
      })
    },

    async revoke(id, actor, x) {
      const row = await database.kysely
        .selectFrom('hf_links')
        .select('data')
        .where('purpose', '=', PURPOSE)
        .where(sql`substr(hash, 1, 22)`, '=', readId(id))
        .executeTakeFirst()
      const { tenant } = readTerms({ data: row === undefined ? {} : (JSON.parse(row.data) as Link['data']) })
      const ofAll = (await lacks(database.kysely, nameOf(actor), { roles: [] })) === undefined
      const ofTenant =
        tenant && (await lacks(database.kysely, nameOf(actor), { roles: [], tenant: { id: tenant.id, roles: [] } }))
      if (!ofAll && (tenant === undefined || ofTenant !== undefined)) return false
      return await act(database, emit, async (tx, tell) => {
        const { numDeletedRows } = await tx
          .deleteFrom('hf_links')
          .where('purpose', '=', PURPOSE)
          .where('expires_at', '>', now())
          .where(sql`substr(hash, 1, 22)`, '=', readId(id))
          .executeTakeFirst()
        if (numDeletedRows === 0n) return false
        await tell({ type: 'authn_invitation_revoked', data: { invitation: id, actor: nameOf(actor) } }, x)
        return true
      })
    },
  }
}

/** The display name of who invites; nothing when the server does. */
export async function inviterOf(on: On, actor: string): Promise<string | undefined> {
  const [kind, id = ''] = actor.split(':', 2)
  if (kind !== 'user') return undefined
  return (await on.selectFrom('hf_users').select('name').where('id', '=', readId(id)).executeTakeFirst())?.name
}
