/**
 * How many sessions one user may have at once. Counted in the transaction that issues the next one, with the user locked, so that many
 * at the same moment do not all find room (L25). Source: OWASP ASVS 5.0 7.1.2; OWASP Session Management Cheat Sheet.
 */
import { wholeNumber, invalid } from '../../engine/options.ts'
import { hint } from '../../engine/suggest.ts'
import { endOfSessions } from '../browsers/end-browsers.ts'
import { living } from './live.ts'
import { splitRoles, type Roles } from '../users/roles.ts'
import type { AccountsTransaction, UserRow } from '../schema.ts'
import type { SessionLengths } from './row.ts'
import { hashOfToken } from './token.ts'

/** As it is configured; see `session.concurrent`. */
export interface ConcurrentPolicy {
  /** For everybody who has none of `roles`; absent: as many as they like. */
  readonly max?: number | undefined
  readonly over: 'end-oldest' | 'refuse'
  /** By role; of several the smallest. */
  readonly roles: Readonly<Record<string, number>>
}

/** Whether there is room for one more, and which sessions ended to make it. */
export type Room = { readonly ok: true; readonly ended: readonly string[] } | { readonly ok: false; readonly max: number }

/** What is known of the session to come. */
interface Next {
  /** The token of a session that ends with this sign-in anyway. */
  readonly replaces?: string | undefined
  /** The browser that remembers, which opens it. */
  readonly browser?: string | undefined
}

export interface Concurrency {
  /** Decides, and makes room. The user is locked before. */
  makeRoom(tx: AccountsTransaction, user: UserRow, at: number, next: Next): Promise<Room>
}

const ROOM: Room = { ok: true, ended: [] }

/** Throws HF_OPTION_INVALID for a number that is none, or a role that nobody can have. */
export function createConcurrency(policy: ConcurrentPolicy | undefined, roles: Roles, lengths: SessionLengths): Concurrency {
  for (const [role, max] of Object.entries(policy?.roles ?? {})) {
    if (!Object.hasOwn(roles.table, role))
      invalid('A role of session.concurrent.roles', role, hint(role, Object.keys(roles.table)))
    wholeNumber(`session.concurrent.roles.${role}`, max, 1, 1000)
  }

  function maximum({ roles: held }: UserRow): number | undefined {
    const named = splitRoles(held).flatMap((role) => policy?.roles[role] ?? [])
    return named.length > 0 ? Math.min(...named) : policy?.max
  }

  return {
    async makeRoom(tx, user, at, { replaces, browser }) {
      const max = maximum(user)
      if (policy === undefined || max === undefined) return ROOM
      const spared = replaces === undefined ? undefined : hashOfToken(replaces)
      const sessions = await tx
        .selectFrom('hf_sessions')
        .select(['hash', 'id', 'browser_id'])
        .where('user_id', '=', user.id)
        .where(living(at, lengths))
        .$if(spared !== undefined, (query) => query.where('hash', '<>', spared!))
        .orderBy('created_at')
        .orderBy('id')
        .execute()
      if (sessions.length < max) return ROOM
      if (policy.over === 'refuse') return { ok: false, max }
      const ending = sessions.slice(0, sessions.length - max + 1)
      const hashes = ending.map(({ hash }) => hash)
      await tx.updateTable('hf_sessions').set({ ended_at: at, ended_by: 'concurrent' }).where('hash', 'in', hashes).execute()
      // Its browser would bring it back at the next request, and end another in turn.
      const others = ending.filter(({ browser_id: id }) => id !== browser)
      await endOfSessions(tx, user.id, others, { now: at, reason: 'concurrent' })
      return { ok: true, ended: ending.map(({ id }) => id) }
    },
  }
}
