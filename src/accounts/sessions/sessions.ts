/**
 * Sessions on the server: found, rotated, written, listed, ended. A token that ended stays known for a week, so that using it
 * again is seen, and no slow request can revive it (attacks A93, A94; CVE-2025-46336).
 * Source: OWASP Session Management Cheat Sheet; OWASP ASVS 5.0 V7.
 */
import { act } from '../../engine/act.ts'
import { HoldfastError } from '../../engine/errors.ts'
import type { Emit } from '../../engine/events.ts'
import { endOfSessions } from '../browsers/end-browsers.ts'
import { fanOut } from '../fan-out.ts'
import { living, takeLive } from './live.ts'
import { lockUser } from '../lock.ts'
import type { AccountsDatabase, AccountsTransaction, SessionRow } from '../schema.ts'
import type { Issuer } from './issue.ts'
import { asOneself, toSession, type SessionLengths } from './row.ts'
import { hashOfToken } from './token.ts'
import { nameOf, readId } from '../ids.ts'
import type { Sessions } from '../types.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly issuer: Issuer
  readonly lengths: SessionLengths
  readonly emit: Emit
  readonly now: () => number
  readonly find: Sessions['find']
}

const REMEMBERED = 7 * 86_400_000
const MOST_DATA = 4096
const MOST_LISTED = 200

/** Makes the service. `lengths` bound every session, those issued before a restart with other lengths too. */
export function createSessions({ database, issuer, lengths, emit, now, find }: Setting): Sessions {
  const { kysely } = database
  const update = database.statement(
    `UPDATE hf_sessions SET data = ?, version = version + 1
     WHERE hash = ? AND version = ? AND ended_at IS NULL AND expires_at > ? AND seen_at > ?`,
  )

  return {
    find,

    async rotate(token, at) {
      const renewed = await database.transaction(async (tx) => {
        const taken = await takeLive(tx, database, token, { now: at, lengths, reason: 'rotated' })
        return taken && issuer.reissue(tx, taken.user, asOneself(taken.row), at)
      })
      if (renewed) emit({ type: 'session_renewed', data: { userId: renewed.session.userId, session: renewed.session.id } })
      return renewed
    },

    async write(token, version, data, at) {
      const hash = hashOfToken(token)
      const text = serialise(data)
      if (hash === undefined) return false
      return (await update.run(text, hash, version, at, at - lengths.idle)).changes === 1
    },

    async list(userId, at) {
      const rows = await kysely
        .selectFrom('hf_sessions')
        .selectAll()
        .where('user_id', '=', readId(userId))
        .where(living(at, lengths))
        .orderBy('seen_at', 'desc')
        .limit(MOST_LISTED)
        .execute()
      return rows.map((row) => toSession(row, lengths))
    },

    async end(id, sessionId, actor, x) {
      const userId = readId(id)
      return await act(database, emit, async (tx, tell) => {
        await lockUser(tx, database.dialect, userId) // a rotation at this moment is either over or has not begun
        const rows = await tx
          .updateTable('hf_sessions')
          .set({ ended_at: now(), ended_by: 'ended' })
          .where('user_id', '=', userId)
          .where('id', '=', readId(sessionId))
          .where('ended_at', 'is', null)
          .returning('browser_id')
          .execute()
        await endOfSessions(tx, userId, rows, { now: now(), reason: 'ended' })
        if (rows.length === 0) return false
        await tell({ type: 'session_ended', data: { userId, session: sessionId, reason: 'ended', actor: nameOf(actor) } }, x)
        return true
      })
    },

    async endByToken(token, x) {
      const ended = await database.transaction((tx) => endToken(tx, database, token, { reason: 'signed-out', now: now() }))
      if (ended) emit({ type: 'session_ended', data: { userId: ended.user_id, session: ended.id, reason: 'signed-out' } }, x)
      return ended !== undefined
    },

    async endAll(id, actor, { except, exchange } = {}) {
      const userId = readId(id)
      return await act(database, emit, async (tx, tell) => {
        await lockUser(tx, database.dialect, userId)
        const ended = await fanOut(tx, 'ended-all', userId, { own: except && readId(except), now: now() })
        const data = { userId, sessions: ended, reason: 'ended-all', actor: nameOf(actor) }
        if (ended.length > 0) await tell({ type: 'session_ended', data }, exchange)
        return ended.length
      })
    },

    async sweep(at) {
      const long = at - REMEMBERED
      const gone = await kysely
        .deleteFrom('hf_sessions')
        .where((eb) => eb.or([eb('expires_at', '<', long), eb('ended_at', '<', long)]))
        .executeTakeFirst()
      await kysely
        .deleteFrom('hf_provider_sessions')
        .where('session_id', 'not in', kysely.selectFrom('hf_sessions').select('id'))
        .execute()
      return Number(gone.numDeletedRows)
    },
  }
}

interface Ending {
  readonly now: number
  /** Stands in `ended_by`. */
  readonly reason: string
}

/**
 * Ends the session of a token, if it lives; returns what it was. Signing out wins over a rotation at the same moment: a token
 * that was replaced still ends its session, and can do nothing else.
 */
export async function endToken(
  tx: AccountsTransaction,
  { dialect }: AccountsDatabase,
  token: string,
  { now, reason }: Ending,
): Promise<SessionRow | undefined> {
  const hash = hashOfToken(token)
  if (hash === undefined) return undefined
  const owner = await tx.selectFrom('hf_sessions').select('user_id').where('hash', '=', hash).executeTakeFirst()
  if (!owner) return undefined
  await lockUser(tx, dialect, owner.user_id)
  const named = await tx
    .selectFrom('hf_sessions')
    .select(['id', 'ended_at', 'ended_by'])
    .where('hash', '=', hash)
    .executeTakeFirst()
  if (!named || (named.ended_at !== null && named.ended_by !== 'rotated')) return undefined
  const ended = await tx
    .updateTable('hf_sessions')
    .set({ ended_at: now, ended_by: reason })
    .where('user_id', '=', owner.user_id)
    .where('id', '=', named.id)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  // Otherwise its browser would bring it back.
  if (ended) await endOfSessions(tx, owner.user_id, [ended], { now, reason })
  return ended
}

function serialise(data: Record<string, unknown>): string {
  const text = JSON.stringify(data)
  if (Buffer.byteLength(text) <= MOST_DATA) return text === '{}' ? '' : text
  throw new HoldfastError('HF_OPTION_INVALID', `The data of a session came to ${Buffer.byteLength(text)} bytes.`, {
    fix: `Keep it under ${MOST_DATA}: store the rest in a table of your own, and its key in the session.`,
  })
}
