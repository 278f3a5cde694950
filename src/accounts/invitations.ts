/**
 * Invitations: made by who may, for roles that they hold, good for a week and for exactly one address. Nobody is a user before they
 * accept, so there is nothing that another door could revive when the invitation is over (L35; CVE-2023-48220).
 * Sources: OWASP ASVS 5.0 8.2; lessons L35, L94, L96; GHSA-fmh4-wcc4-5jm3.
 */
import { sql } from 'kysely'
import type { Emit } from '../engine/events.ts'
import { permits } from '../engine/policy.ts'
import { ownerOf, readAddress, type MailAddress, type On } from './addresses.ts'
import type { Asks } from './asks.ts'
import { nameOf, readId } from './ids.ts'
import type { Link, Links } from './links.ts'
import type { LoginName } from './names.ts'
import type { Invitation, Invitations, Invited, NewInvitation, SignUpPolicy } from './newcomer-types.ts'
import { normaliseName } from './normalise.ts'
import type { Post } from './post.ts'
import { splitRoles, type Roles } from './roles.ts'
import type { AccountsDatabase, AccountsTransaction } from './schema.ts'
import { handleOf, hashOfToken } from './session-token.ts'
import { roleWithin } from './sign-up-policy.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly links: Links
  readonly post: Post
  readonly asks: Asks
  readonly roles: Roles
  readonly policy: SignUpPolicy
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
  readonly name: string | undefined
  /** `user:<id>`, `system:cli`. */
  readonly invitedBy: string
}

/** What the link of an invitation stands for. */
export function readTerms({ data }: Pick<Link, 'data'>): InvitationTerms {
  const name = data['name'] === undefined ? undefined : String(data['name'])
  return { roles: splitRoles(String(data['roles'] ?? '')), name, invitedBy: String(data['by']) }
}

/** Makes the question whether somebody may give these roles now; the server itself may. It is asked again when somebody accepts. */
export function createAuthority(roles: Roles, policy: SignUpPolicy) {
  return async (on: On, actor: string, wanted: readonly string[]): Promise<'not-permitted' | 'role-not-held' | undefined> => {
    const [kind, id = ''] = actor.split(':', 2)
    if (kind === 'system') return undefined
    const row = await on.selectFrom('hf_users').select(['roles', 'status']).where('id', '=', readId(id)).executeTakeFirst()
    if (kind !== 'user' || row?.status !== 'active') return 'not-permitted'
    const held = roles.granted(row.roles)
    if (!permits(held.permissions, INVITE)) return 'not-permitted'
    return roleWithin(wanted, held.roles, { roles, policy }) ? undefined : 'role-not-held'
  }
}

/** Makes the service. */
export function createInvitations({ database, links, post, asks, roles, policy, names, emit, now }: Setting): Invitations {
  const lacks = createAuthority(roles, policy)

  async function check({ roles: wanted = [], name, invitedBy }: NewInvitation): Promise<Refused | undefined> {
    if (policy.mode === 'closed') return 'closed'
    if (!post.sends) return 'no-mail'
    if (name !== undefined && !normaliseName(name).ok) return 'name-invalid'
    if (roles.stored(wanted) === undefined) return 'role-unknown'
    return await lacks(database.kysely, nameOf(invitedBy), wanted)
  }

  /** One living invitation an address: the next one takes the place of the one before. */
  async function endEarlier(tx: AccountsTransaction, { key }: MailAddress): Promise<void> {
    await tx
      .deleteFrom('hf_links')
      .where('purpose', '=', PURPOSE)
      .where(sql`lower(address)`, '=', key)
      .execute()
  }

  return {
    async create(invitation, x) {
      const { roles: wanted = [], name, invitedBy } = invitation
      const address = readAddress(invitation.address)
      if (!address) return { ok: false, reason: 'address-invalid' }
      const refused = await check(invitation)
      if (refused !== undefined) return { ok: false, reason: refused }
      const [by, { mark }] = [nameOf(invitedBy), names(address.key)]
      if (!(await asks.admitFrom(PURPOSE, mark, by))) return { ok: false, reason: 'too-many' }
      const data = { roles: roles.stored(wanted)!, by, ...(name !== undefined && { name: name.normalize('NFC').trim() }) }
      const at = now()
      const token = await database.transaction(async (tx) => {
        await endEarlier(tx, address)
        const owner = await ownerOf(tx, address)
        // As it was typed: the stored spelling, in the list, would tell the inviter that there is an owner.
        const made = await links.issue(tx, { purpose: PURPOSE, address: address.text, data, life: LIFE })
        const facts = {
          link: post.linkTo(PURPOSE, made),
          inviter: (await inviterOf(tx, by)) ?? '',
          days: String(LIFE / 86_400_000),
        }
        if (owner) await post.write(tx, 'invitation-to-owner', owner.text, facts)
        else await post.write(tx, 'invitation', address.text, facts)
        return made
      })
      const id = handleOf(hashOfToken(token.reveal())!)
      emit({ type: 'authn_invited', data: { invitation: id, login: mark, roles: wanted, actor: by } }, x)
      const terms = readTerms({ data })
      return { ok: true, invitation: { id, address: address.text, ...terms, createdAt: at, expiresAt: at + LIFE } }
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
      if ((await lacks(database.kysely, nameOf(actor), [])) !== undefined) return false
      const { numDeletedRows } = await database.kysely
        .deleteFrom('hf_links')
        .where('purpose', '=', PURPOSE)
        .where('expires_at', '>', now())
        .where(sql`substr(hash, 1, 22)`, '=', readId(id))
        .executeTakeFirst()
      if (numDeletedRows === 0n) return false
      emit({ type: 'authn_invitation_revoked', data: { invitation: id, actor: nameOf(actor) } }, x)
      return true
    },
  }
}

/** The display name of who invites; nothing when the server does. */
export async function inviterOf(on: On, actor: string): Promise<string | undefined> {
  const [kind, id = ''] = actor.split(':', 2)
  if (kind !== 'user') return undefined
  return (await on.selectFrom('hf_users').select('name').where('id', '=', readId(id)).executeTakeFirst())?.name
}
