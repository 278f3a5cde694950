/**
 * The door of those who were invited. Who has no account makes one with the invited address; who owns that address already accepts as
 * who they are, and nobody else can (L96). Expiry, revocation and the inviter's own rights are looked at on reading and on use (L35).
 * Sources: OWASP ASVS 5.0 6.4.1, 8.2; GHSA-fmh4-wcc4-5jm3; CVE-2023-48220.
 */
import type { Exchange } from '../../engine/exchange.ts'
import { act } from '../../engine/act.ts'
import { noteRights } from '../approvals/rights.ts'
import { ownerOf, readAddress, type On } from '../addresses/addresses.ts'
import { fanOut } from '../fan-out.ts'
import { createAuthority, inviterOf, readTerms, type InvitationTerms } from '../newcomers/invitations.ts'
import type { Link } from '../mail/links.ts'
import { lockUser } from '../lock.ts'
import type { InvitationDoor, InvitationShown } from '../newcomers/types.ts'
import { splitRoles } from '../users/roles.ts'
import { joinTenant } from '../tenants/join.ts'
import type { DoorSetting } from './password.ts'

const NAME = 'invitation'
const VOID = { ok: false, reason: 'void' } as const

/** Opens the door; nothing is good at it where nobody may come. */
export function invitationDoor(setting: DoorSetting): InvitationDoor {
  const { database, links, newcomers, sessions, signUp, gate, emit, now } = setting
  const lacks = createAuthority({ ...setting, policy: signUp })

  /** What it gives, as long as whoever invited could still invite to it. */
  async function terms(on: On, link: Link): Promise<InvitationTerms | undefined> {
    const found = readTerms(link)
    if (signUp.mode === 'closed') return undefined
    return (await lacks(on, found.invitedBy, found)) === undefined ? found : undefined
  }

  /** The roles that the owner has afterwards, and had before; nothing when the link is over. */
  async function take(userId: string, token: string, x: Exchange | undefined) {
    return await act(database, emit, async (tx, tell) => {
      const user = await lockUser(tx, database.dialect, userId)
      const link = user && gate.admits(user.status) ? await links.consume(tx, NAME, token) : undefined
      const given = link && (await terms(tx, link))
      const address = readAddress(link?.address ?? '')
      // Verified by somebody else, or by nobody any more, since the link was read.
      if (!user || !given || !address || (await ownerOf(tx, address))?.userId !== userId) return undefined
      const before = splitRoles(user.roles)
      const after = [...new Set([...before, ...given.roles])].toSorted().join(' ')
      if (after !== user.roles) {
        await tx.updateTable('hf_users').set({ roles: after }).where('id', '=', userId).execute()
        await noteRights(tx, userId, given.invitedBy, now())
        await fanOut(tx, 'roles-changed', userId, { now: now() })
      }
      const joined = await joinTenant(tx, userId, given, setting)
      const { invitedBy: actor } = given
      await tell({ type: 'authn_invitation_accepted', data: { userId, invitedBy: actor } }, x)
      const change = { userId, from: before, to: splitRoles(after), actor }
      if (before.join(' ') !== change.to.join(' ')) await tell({ type: 'authz_change', data: change }, x)
      const entered = joined && { userId, tenant: joined.id, from: [], to: joined.roles, actor }
      if (entered) await tell({ type: 'authz_change', data: entered }, x)
      return true
    })
  }

  async function read(token: string): Promise<InvitationShown | undefined> {
    const link = await links.read(NAME, token)
    const address = readAddress(link?.address ?? '')
    const given = link && (await terms(database.kysely, link))
    if (!given || !address) return undefined
    const owner = await ownerOf(database.kysely, address)
    const inviter = await inviterOf(database.kysely, given.invitedBy)
    return { address: address.text, name: given.name, inviter, owner: owner?.userId }
  }

  return {
    read,

    accept: (account, from) => newcomers.enter({ door: NAME, account, from, terms }),

    async join({ token, session }, from) {
      const live = await sessions.find(session, now())
      if (!live.ok) return { ok: false, reason: 'denied' }
      const shown = await read(token)
      if (shown === undefined) return VOID
      const { id: userId } = live.principal
      if (shown.owner !== userId) {
        emit({ type: 'authz_fail', data: { code: 'invitation-of-another', userId } }, from.exchange)
        return { ok: false, reason: 'not-owner' }
      }
      if ((await take(userId, token, from.exchange)) === undefined) return VOID
      return { ok: true }
    },
  }
}
