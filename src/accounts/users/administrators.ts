/** Who administers, and whether somebody else could: an application without an administrator can be mended by nobody in it. */
import { sql, type Expression, type SqlBool } from 'kysely'
import { splitRoles, type Roles } from './roles.ts'
import type { AccountsTransaction, UserRow } from '../schema.ts'

export interface Administrators {
  /** Whether this user administers with these roles, as they are stored. */
  includes(user: Pick<UserRow, 'kind'>, stored: string): boolean
  /** Whether somebody else could still administer. The administration is locked before. */
  haveOther(tx: AccountsTransaction, id: string): Promise<boolean>
  /** Ids of active persons who administer, at most so many. */
  active(tx: AccountsTransaction, most: number): Promise<readonly string[]>
}

/** Makes what answers it. */
export function createAdministrators(roles: Roles): Administrators {
  return {
    includes: ({ kind }, stored) => kind === 'person' && splitRoles(stored).some((name) => roles.administrators.includes(name)),

    async active(tx, most) {
      const rows = await tx
        .selectFrom('hf_users')
        .select('id')
        .where('status', '=', 'active')
        .where('kind', '=', 'person')
        .where((eb) => eb.or(roles.administrators.map(holdsRole)))
        .orderBy('id')
        .limit(most)
        .execute()
      return rows.map(({ id }) => id)
    },

    async haveOther(tx, id) {
      const other = await tx
        .selectFrom('hf_users')
        .select('id')
        .where('id', '<>', id)
        .where('status', '=', 'active')
        .where('kind', '=', 'person')
        .where((eb) => eb.or(roles.administrators.map(holdsRole)))
        .limit(1)
        .executeTakeFirst()
      return other !== undefined
    },
  }
}

/** Names of roles hold no wildcard of LIKE but `_`, which is escaped. */
function holdsRole(role: string): Expression<SqlBool> {
  return sql<SqlBool>`(' ' || roles || ' ') LIKE ${`% ${role.replaceAll('_', '\\_')} %`} ESCAPE '\\'`
}
