/**
 * The deletion of one's own account. At once it is shut as a disabled one is, so that every door, key and session that asks for an active
 * user refuses; after a time of grace everything of the user is deleted, and until then the link of a letter takes it back. The last
 * administrator stays. The audit log keeps the id and what was done with it.
 * Sources: OWASP ASVS 5.0 7.4.2 and 14.2.7; GDPR article 17; lessons L06, L35, L64.
 */
import { act } from '../../engine/act.ts'
import type { Emit } from '../../engine/events.ts'
import { addressOf } from '../addresses/addresses.ts'
import { DELETE_USER, deleteUser } from '../approvals/kit.ts'
import type { ApprovalGate } from '../approvals/types.ts'
import type { Administrators } from '../users/administrators.ts'
import { fanOut } from '../fan-out.ts'
import { nameOf, readId } from '../ids.ts'
import type { Links } from '../mail/links.ts'
import { lockAdministration, lockUser } from '../lock.ts'
import type { Post } from '../mail/post.ts'
import type { AccountsDatabase, AccountsTransaction, UserRow } from '../schema.ts'
import { endKeys } from '../tokens/end-keys.ts'
import type { Origin } from '../types.ts'
import type { Roles } from '../users/roles.ts'
import { ownedAlone } from '../tenants/members.ts'
import { keepableUntil, stay } from './leaving.ts'
import type { Deletions } from './types.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly links: Links
  readonly post: Post
  /** Those in a tenant. */
  readonly tenantRoles: Roles
  readonly administrators: Administrators
  readonly approved: ApprovalGate
  readonly emit: Emit
  readonly now: () => number
}

const LINK = 'keep-account'
const PAGE = 100

/** Makes the service. */
export function createDeletions({ database, links, post, tenantRoles, administrators, approved, emit, now }: Setting): Deletions {
  const { kysely, dialect } = database

  async function leave(tx: AccountsTransaction, user: UserRow, dueAt: number) {
    const at = now()
    await tx.updateTable('hf_users').set({ status: 'disabled' }).where('id', '=', user.id).execute()
    await tx.insertInto('hf_deletions').values({ user_id: user.id, asked_at: at, due_at: dueAt, shut_out: 0 }).execute()
    const keys = await endKeys(tx, 'deletion-asked', user.id, at)
    const sessions = await fanOut(tx, 'deletion-asked', user.id, { now: at })
    return { keys, sessions, told: await writeLetter(tx, user.id, dueAt) }
  }

  /** Where there is nobody to write to, an operator can keep the account. */
  async function writeLetter(tx: AccountsTransaction, userId: string, dueAt: number): Promise<boolean> {
    const address = await addressOf(tx, userId)
    if (!post.sends || !post.takes(LINK) || address?.verifiedAt === undefined) return false
    const token = await links.issue(tx, { purpose: LINK, userId, address: address.key, life: dueAt - now() })
    const until = `${new Date(dueAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    await post.write(tx, 'deletion', address.text, { link: post.linkTo(LINK, token), until })
    return true
  }

  async function remove(tx: AccountsTransaction, userId: string, at: number): Promise<boolean> {
    await lockUser(tx, dialect, userId)
    const { numDeletedRows } = await tx
      .deleteFrom('hf_deletions')
      .where('user_id', '=', userId)
      .where('due_at', '<=', at)
      .executeTakeFirst()
    if (numDeletedRows === 0n) return false
    // Everything else of the user goes with this row.
    await tx.deleteFrom('hf_users').where('id', '=', userId).execute()
    return true
  }

  return {
    async ask(id, { grace, from }) {
      const userId = readId(id)
      const dueAt = now() + grace
      const reason = 'deletion-asked'
      const left = await act(database, emit, async (tx, tell) => {
        await lockAdministration(tx, dialect)
        const user = await lockUser(tx, dialect, userId)
        if (user?.status !== 'active' || user.kind !== 'person') return undefined
        const last = administrators.includes(user, user.roles) && !(await administrators.haveOther(tx, userId))
        if (last) return 'last-administrator'
        const alone = await ownedAlone(tx, userId, tenantRoles)
        if (alone !== undefined) return { alone }
        const gone = await leave(tx, user, dueAt)
        const { keys, sessions } = gone
        await tell({ type: 'user_deletion_asked', data: { userId, due: new Date(dueAt).toISOString() } }, from.exchange)
        if (sessions.length > 0) await tell({ type: 'session_ended', data: { userId, sessions, reason } }, from.exchange)
        if (keys.length > 0) await tell({ type: 'authn_token_revoked', data: { userId, keys, reason } }, from.exchange)
        return gone
      })
      if (left === undefined) return { ok: false, reason: 'denied' }
      if (left === 'last-administrator') return { ok: false, reason: left }
      if ('alone' in left) return { ok: false, reason: 'last-owner', tenant: left.alone }
      return { ok: true, dueAt, told: left.told }
    },

    async remove(id, actor, { asker = actor, exchange } = {}) {
      const userId = readId(id)
      const removed = await act(database, emit, async (tx, tell) => {
        await lockAdministration(tx, dialect)
        const user = await lockUser(tx, dialect, userId)
        if (!user) return 'unknown-user'
        const last = administrators.includes(user, user.roles) && !(await administrators.haveOther(tx, userId))
        if (last && user.status === 'active') return 'last-administrator'
        const alone = user.status === 'active' ? await ownedAlone(tx, userId, tenantRoles) : undefined
        if (alone !== undefined) return { alone }
        const wanted = { actor: asker, act: DELETE_USER, params: deleteUser(user.login, userId) }
        if (!(await approved.spend(tx, tell, wanted, exchange))) return 'approval-required'
        await tx.deleteFrom('hf_users').where('id', '=', userId).execute()
        await tell({ type: 'user_deleted', data: { userId, actor: nameOf(actor) } }, exchange)
        return 'removed'
      })
      if (typeof removed === 'object') return { ok: false, reason: 'last-owner', tenant: removed.alone }
      return removed === 'removed' ? { ok: true } : { ok: false, reason: removed }
    },

    read: async (token) => (await links.read(LINK, token)) !== undefined,

    async keep(token, { exchange }: Origin) {
      const userId = (await links.read(LINK, token))?.userId
      if (userId === undefined) return false
      return await act(database, emit, async (tx, tell) => {
        const user = await lockUser(tx, dialect, userId)
        const link = user && (await links.consume(tx, LINK, token))
        if (link?.userId !== userId || (await keepableUntil(tx, userId)) === undefined) return false
        await links.end(tx, userId, [LINK])
        const kept = await stay(tx, userId)
        if (kept) await tell({ type: 'user_deletion_stopped', data: { userId, by: 'link' } }, exchange)
        return kept
      })
    },

    async sweep(at) {
      const due = await kysely.selectFrom('hf_deletions').select('user_id').where('due_at', '<=', at).limit(PAGE).execute()
      let deleted = 0
      for (const { user_id: userId } of due) {
        const gone = await act(database, emit, async (tx, tell) => {
          if (!(await remove(tx, userId, at))) return false
          await tell({ type: 'user_deleted', data: { userId } })
          return true
        })
        if (gone) deleted += 1
      }
      return deleted
    },
  }
}
