/** What makes a session a living one, written once; and the living session of a token, kept or ended, with its user locked. */
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import { lockUser } from '../lock.ts'
import type { AccountsDatabase, AccountsSchema, AccountsTransaction, SessionRow, UserRow } from '../schema.ts'
import type { SessionLengths } from './row.ts'
import { hashOfToken } from './token.ts'

/** Not ended, and within all three of its times: `.where(living(now, lengths))`. */
export function living(
  now: number,
  { absolute, idle }: SessionLengths,
): (on: ExpressionBuilder<AccountsSchema, 'hf_sessions'>) => Expression<SqlBool> {
  return (on) =>
    on.and([
      on('ended_at', 'is', null),
      on('expires_at', '>', now),
      on('created_at', '>', now - absolute),
      on('seen_at', '>', now - idle),
    ])
}

interface Looking {
  readonly now: number
  readonly lengths: SessionLengths
  /** Only if it is this user's. */
  readonly userId?: string
}

export interface Taking extends Looking {
  readonly reason: string
}

interface Found {
  readonly row: SessionRow
  readonly user: UserRow
}

/** The living session of a token. The user is locked first. */
export async function readLive(
  tx: AccountsTransaction,
  database: AccountsDatabase,
  token: string,
  looking: Looking,
): Promise<Found | undefined> {
  const owner = await lockOwner(tx, database, token, looking)
  if (owner === undefined) return undefined
  const alive = living(looking.now, looking.lengths)
  const row = await tx.selectFrom('hf_sessions').selectAll().where('hash', '=', owner.hash).where(alive).executeTakeFirst()
  return row && { row, user: owner.user }
}

/** Ends a living token so that another can take its place: of many who try at once, one gets the row. The user is locked first. */
export async function takeLive(
  tx: AccountsTransaction,
  database: AccountsDatabase,
  token: string,
  taking: Taking,
): Promise<Found | undefined> {
  const owner = await lockOwner(tx, database, token, taking)
  if (owner === undefined) return undefined
  const row = await tx
    .updateTable('hf_sessions')
    .set({ ended_at: taking.now, ended_by: taking.reason })
    .where('hash', '=', owner.hash)
    .where(living(taking.now, taking.lengths))
    .returningAll()
    .executeTakeFirst()
  return row && { row, user: owner.user }
}

async function lockOwner(tx: AccountsTransaction, { dialect }: AccountsDatabase, token: string, { userId }: Looking) {
  const hash = hashOfToken(token)
  if (hash === undefined) return undefined
  const owner = await tx.selectFrom('hf_sessions').select('user_id').where('hash', '=', hash).executeTakeFirst()
  if (!owner || (userId !== undefined && owner.user_id !== userId)) return undefined
  const user = await lockUser(tx, dialect, owner.user_id)
  return user?.status === 'active' ? { hash, user } : undefined
}
