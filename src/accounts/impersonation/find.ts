/**
 * Who asks, while a session acts as somebody else: read anew at each request. Their proofs are not the user's: what asks for a recent or
 * stronger proof is refused. Source: OWASP ASVS 5.0 7.5, 8.3.1.
 */
import { after } from '../../store/maybe.ts'
import type { MaybePromise } from '../../store/database.ts'
import type { Principal } from '../../engine/facts.ts'
import type { Roles } from '../users/roles.ts'
import type { AccountsDatabase, UserRow } from '../schema.ts'
import { mayActAs } from './rules.ts'
import type { ImpersonationPolicy } from './types.ts'

interface Asked {
  /** Whose session it is. */
  readonly own: Principal
  readonly userId: string
  readonly since: number
  readonly now: number
}

type Row = Pick<UserRow, 'id' | 'login' | 'name' | 'roles' | 'status' | 'kind'>

const SELECT = 'SELECT id, login, name, roles, status, kind FROM hf_users WHERE id = ?'

/** Answers with `undefined` when it is over. */
export type FindActing = (asked: Asked) => MaybePromise<Principal | undefined>

export function createFindActing(database: AccountsDatabase, roles: Roles, policy: ImpersonationPolicy | undefined): FindActing {
  const select = database.statement<Row>(SELECT)
  return ({ own, userId, since, now }) => {
    if (policy === undefined || now >= since + policy.life) return undefined
    return after(select.get(userId), (row) => {
      const by = { id: own.id, roles: own.roles.join(' '), status: 'active', kind: 'person' } as const
      if (row === undefined || !mayActAs(by, row, roles)) return undefined
      const { id, login, name } = row
      const impersonatedBy = { id: own.id, name: own.name, until: since + policy.life, write: policy.write }
      const tenant = own.tenant && { tenant: own.tenant }
      return { id, login, name, ...roles.granted(row.roles), amr: own.amr, aal: 1, provedAt: 0, impersonatedBy, ...tenant }
    })
  }
}
