/**
 * Which sessions came from which session at another provider, and their end when that provider says so (OpenID Connect Back-Channel Logout 1.0 section 2.7):
 * those of the named session there, or of the named person, and no others.
 */
import type { Emit } from '../../engine/events.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { endOfSessions } from '../browsers/end-browsers.ts'
import { lockUser } from '../lock.ts'
import type { AccountsDatabase, AccountsTransaction } from '../schema.ts'

/** What a checked logout token names; at least one of both. */
export interface LoggedOut {
  readonly provider: string
  readonly issuer: string
  readonly subject?: string | undefined
  readonly sid?: string | undefined
}

/** Who somebody is at a provider, and the session there. */
export interface CameFrom {
  readonly issuer: string
  readonly subject: string
  readonly sid: string
}

export interface ProviderLogouts {
  /** From where a session came; `undefined` when it began by another way. */
  cameFrom(session: { readonly id: string; readonly userId: string }): Promise<CameFrom | undefined>
  /** Ends them; returns how many. */
  end(about: LoggedOut, x?: Exchange): Promise<number>
}

/** Puts down from where a session came, in the transaction that issues it. */
export async function noteProviderSession(
  tx: AccountsTransaction,
  session: { readonly id: string; readonly userId: string },
  { issuer, subject, sid = '' }: { readonly issuer: string; readonly subject: string; readonly sid?: string | undefined },
): Promise<void> {
  const row = { session_id: session.id, user_id: session.userId, issuer, subject, sid }
  await tx
    .insertInto('hf_provider_sessions')
    .values(row)
    .onConflict((conflict) => conflict.column('session_id').doUpdateSet({ issuer, subject, sid }))
    .execute()
}

export function createProviderLogouts({
  database,
  emit,
  now,
}: {
  readonly database: AccountsDatabase
  readonly emit: Emit
  readonly now: () => number
}): ProviderLogouts {
  async function endOne(userId: string, ids: readonly string[]): Promise<readonly string[]> {
    return await database.transaction(async (tx) => {
      await lockUser(tx, database.dialect, userId)
      const ending = { now: now(), reason: 'provider-logout' }
      const rows = await tx
        .updateTable('hf_sessions')
        .set({ ended_at: ending.now, ended_by: ending.reason })
        .where('user_id', '=', userId)
        .where('id', 'in', ids)
        .where('ended_at', 'is', null)
        .returning(['id', 'browser_id'])
        .execute()
      await endOfSessions(tx, userId, rows, ending)
      await tx.deleteFrom('hf_provider_sessions').where('session_id', 'in', ids).execute()
      return rows.map(({ id }) => id)
    })
  }

  return {
    async cameFrom({ id, userId }) {
      return await database.kysely
        .selectFrom('hf_provider_sessions')
        .select(['issuer', 'subject', 'sid'])
        .where('session_id', '=', id)
        .where('user_id', '=', userId)
        .executeTakeFirst()
    },

    async end({ provider, issuer, subject, sid }, x) {
      if (subject === undefined && sid === undefined) return 0
      const found = await database.kysely
        .selectFrom('hf_provider_sessions')
        .select(['session_id', 'user_id'])
        .where('issuer', '=', issuer)
        .$if(subject !== undefined, (query) => query.where('subject', '=', subject!))
        .$if(sid !== undefined, (query) => query.where('sid', '=', sid!))
        .execute()
      let ended = 0
      for (const [userId, rows] of Map.groupBy(found, (row) => row.user_id)) {
        const sessions = await endOne(
          userId,
          rows.map((row) => row.session_id),
        )
        ended += sessions.length
        if (sessions.length > 0)
          emit({ type: 'session_ended', data: { userId, sessions, reason: 'provider-logout', provider } }, x)
      }
      return ended
    },
  }
}
