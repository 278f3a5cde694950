/**
 * In which tenant a session acts: chosen by its user, kept on the server, and written by nothing else (L69). The session gets a new token,
 * as with every change of what it may. Source: OWASP ASVS 5.0 7.2.4, 8.4.1.
 */
import type { Emit } from '../../engine/events.ts'
import { readId } from '../ids.ts'
import { lockUser } from '../lock.ts'
import type { AccountsDatabase } from '../schema.ts'
import type { Issuer } from '../sessions/issue.ts'
import type { SessionLengths } from '../sessions/row.ts'
import { hashOfToken } from '../sessions/token.ts'
import { takeLive } from '../sessions/live.ts'
import { rolesIn } from './members.ts'
import type { Tenants } from './types.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly issuer: Issuer
  readonly lengths: SessionLengths
  readonly emit: Emit
  readonly now: () => number
}

/** Makes the way in which a session comes into a tenant, and out of it. */
export function createChoose({ database, issuer, lengths, emit, now }: Setting): Tenants['choose'] {
  return async (token, tenant, x) => {
    const tenantId = tenant === undefined ? null : readId(tenant)
    const at = now()
    const chosen = await database.transaction(async (tx) => {
      const hash = hashOfToken(token) ?? ''
      const owner = await tx
        .selectFrom('hf_sessions')
        .select(['user_id', 'as_user_id'])
        .where('hash', '=', hash)
        .executeTakeFirst()
      if (!owner || owner.as_user_id !== null) return undefined
      // Who removes them from the tenant comes before or after, never between.
      await lockUser(tx, database.dialect, owner.user_id)
      if (tenantId !== null && (await rolesIn(tx, tenantId, owner.user_id)) === undefined) return undefined
      const taken = await takeLive(tx, database, token, { now: at, lengths, reason: 'rotated', userId: owner.user_id })
      return taken && (await issuer.reissue(tx, taken.user, { ...taken.row, tenant_id: tenantId }, at))
    })
    if (!chosen) return undefined
    const { userId, id: session } = chosen.session
    emit({ type: 'session_tenant', data: { userId, session, tenant: tenantId } }, x)
    return chosen
  }
}
