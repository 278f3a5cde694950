/**
 * Acting as one of the users: with a reason, told to the user, for half an hour, and as a state of one's own session. Nothing that opens
 * the user's account is ever issued, and the way back is on the server: no cookie or field says to whom (L70; CVE-2021-28680).
 * Sources: OWASP ASVS 5.0 7.4, 8.2; lessons L62, L69, L70, L109.
 */
import { act } from '../../engine/act.ts'
import type { Emit } from '../../engine/events.ts'
import { actAs, IMPERSONATE } from '../approvals/kit.ts'
import type { ApprovalGate } from '../approvals/types.ts'
import { addressOf } from '../addresses/addresses.ts'
import { nameOf, readId } from '../ids.ts'
import { lockUser } from '../lock.ts'
import type { Post } from '../mail/post.ts'
import type { Roles } from '../users/roles.ts'
import type { AccountsDatabase } from '../schema.ts'
import { storable, type Issuer } from '../sessions/issue.ts'
import { asOneself, type SessionLengths } from '../sessions/row.ts'
import { takeLive } from '../sessions/live.ts'
import { hashOfToken } from '../sessions/token.ts'
import { rolesIn } from '../tenants/members.ts'
import { mayActAs } from './rules.ts'
import type { ImpersonationPolicy, Impersonations } from './types.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly issuer: Issuer
  readonly lengths: SessionLengths
  readonly roles: Roles
  readonly post: Post
  readonly policy: ImpersonationPolicy | undefined
  readonly approved: ApprovalGate
  readonly emit: Emit
  readonly now: () => number
}

const LONGEST_REASON = 200

/** Makes the service. */
export function createImpersonations({
  database,
  issuer,
  lengths,
  roles,
  post,
  policy,
  approved,
  emit,
  now,
}: Setting): Impersonations {
  const { kysely, dialect } = database

  return {
    policy,

    async start({ session, userId, reason: said, tenantId }, x) {
      if (policy === undefined) return { ok: false, reason: 'off' }
      const reason = storable(said, LONGEST_REASON).trim()
      if (reason === '') return { ok: false, reason: 'reason' }
      const at = now()
      const begun = await act(database, emit, async (tx, tell) => {
        const hash = hashOfToken(session) ?? ''
        const own = await tx.selectFrom('hf_sessions').selectAll().where('hash', '=', hash).executeTakeFirst()
        const by = own && (await lockUser(tx, dialect, own.user_id))
        const id = readId(userId)
        // Not locked: two users never are at once. What changes about them is looked at again at each request.
        const user = await tx.selectFrom('hf_users').selectAll().where('id', '=', id).executeTakeFirst()
        if (!by || !user || own.as_user_id !== null || !mayActAs(by, user, roles)) return undefined
        if (tenantId !== undefined && (await rolesIn(tx, tenantId, id)) === undefined) return undefined
        const asker = { kind: 'user', id: by.id } as const
        // What can change nothing needs nobody's leave.
        const wanted = { actor: asker, act: IMPERSONATE, params: actAs(user.login, id) }
        if (policy.write && !(await approved.spend(tx, tell, wanted, x))) return 'approval'
        const taken = await takeLive(tx, database, session, { now: at, lengths, reason: 'rotated', userId: by.id })
        if (!taken) return undefined
        const acting = { as_user_id: id, as_since: at, as_reason: reason, tenant_id: tenantId ?? null }
        const made = await issuer.reissue(tx, taken.user, { ...taken.row, ...acting }, at)
        const address = await addressOf(tx, id)
        const minutes = String(Math.round(policy.life / 60_000))
        if (address?.verifiedAt !== undefined)
          await post.write(tx, 'impersonated', address.text, { by: by.name, reason, minutes })
        const data = { userId: id, session: made.session.id, reason, actor: `user:${made.session.userId}` }
        await tell({ type: 'authn_impersonation_began', data }, x)
        return made
      })
      if (begun === 'approval') return { ok: false, reason: 'approval' }
      if (!begun) {
        emit({ type: 'authz_fail', data: { code: 'impersonation-denied', user: readId(userId) } }, x)
        return { ok: false, reason: 'denied' }
      }
      return { ok: true, token: begun.token, session: begun.session }
    },

    async stop(session, x) {
      const at = now()
      const back = await act(database, emit, async (tx, tell) => {
        const hash = hashOfToken(session) ?? ''
        const row = await tx.selectFrom('hf_sessions').select('as_user_id').where('hash', '=', hash).executeTakeFirst()
        if (!row || row.as_user_id === null) return undefined
        const taken = await takeLive(tx, database, session, { now: at, lengths, reason: 'rotated' })
        if (!taken || taken.row.as_user_id === null) return undefined
        const made = await issuer.reissue(tx, taken.user, asOneself(taken.row), at)
        const { id, userId: own } = made.session
        const data = { userId: taken.row.as_user_id, session: id, reason: 'stopped', actor: `user:${own}` }
        await tell({ type: 'authn_impersonation_ended', data }, x)
        return made
      })
      return back
    },

    async of(userId) {
      if (policy === undefined) return []
      const rows = await kysely
        .selectFrom('hf_sessions')
        .innerJoin('hf_users', 'hf_users.id', 'hf_sessions.user_id')
        .select(['hf_sessions.id as id', 'hf_users.id as byId', 'name', 'as_reason', 'as_since'])
        .where('as_user_id', '=', readId(userId))
        .where('ended_at', 'is', null)
        .where('status', '=', 'active')
        .where('as_since', '>', now() - policy.life)
        .orderBy('as_since')
        .execute()
      return rows.map(({ id, byId, name, as_reason, as_since }) => {
        const since = as_since ?? 0
        return { id, byId, by: name, reason: as_reason ?? '', since, until: since + policy.life }
      })
    },

    async end(user, id, actor, x) {
      const userId = readId(user)
      return await act(database, emit, async (tx, tell) => {
        const ended = await tx
          .updateTable('hf_sessions')
          // The browser of who acted learns it at its next request: what it asked for as the user is not done as themselves.
          .set({ as_since: 0 })
          .where('as_user_id', '=', userId)
          .where('id', '=', readId(id))
          .where('ended_at', 'is', null)
          .where('as_since', '>', 0)
          .returning('id')
          .execute()
        if (ended.length === 0) return false
        const data = { userId, session: id, reason: 'ended', actor: nameOf(actor) }
        await tell({ type: 'authn_impersonation_ended', data }, x)
        return true
      })
    },
  }
}
