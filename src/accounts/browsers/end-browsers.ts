/** Ends browsers that remember, in the transaction of what ends them. Which end with what stands in the one table, `fan-out.ts`. */
import type { AccountsTransaction } from '../schema.ts'
import type { BrowserKind } from './types.ts'

/** `end-others`: all but the one of the session in which it was done. `end-family`: the one that it is about. */
export type BrowserEffect = 'end' | 'end-others' | 'end-family'

interface Ending {
  readonly userId: string
  readonly kind: BrowserKind
  readonly effect: BrowserEffect | undefined
  /** Public id of the session in which it was done. */
  readonly own?: string | undefined
  readonly family?: string | undefined
}

/** Does what a cell of the table says. */
export async function endBrowsers(tx: AccountsTransaction, { userId, kind, effect, own, family }: Ending): Promise<void> {
  if (effect === undefined || (effect === 'end-family' && family === undefined)) return
  const spared = effect === 'end-others' && own !== undefined ? await browserOf(tx, userId, own) : undefined
  await tx
    .deleteFrom('hf_browsers')
    .where('user_id', '=', userId)
    .where('kind', '=', kind)
    .$if(effect === 'end-family', (query) => query.where('id', '=', family!))
    .$if(spared !== undefined, (query) => query.where('id', '<>', spared!))
    .execute()
}

interface Ended {
  readonly now: number
  /** Stands in `ended_by`. */
  readonly reason: string
}

/** Those that would bring these ended sessions back, and what else they opened: tabs that opened at once have a session each. */
export async function endOfSessions(
  tx: AccountsTransaction,
  userId: string,
  rows: readonly { readonly browser_id: string | null }[],
  { now, reason }: Ended,
): Promise<void> {
  const ids = rows.flatMap(({ browser_id: id }) => id ?? [])
  if (ids.length === 0) return
  await tx.deleteFrom('hf_browsers').where('user_id', '=', userId).where('id', 'in', ids).execute()
  await tx
    .updateTable('hf_sessions')
    .set({ ended_at: now, ended_by: reason })
    .where('user_id', '=', userId)
    .where('browser_id', 'in', ids)
    .where('ended_at', 'is', null)
    .execute()
}

async function browserOf(tx: AccountsTransaction, userId: string, session: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom('hf_sessions')
    .select('browser_id')
    .where('user_id', '=', userId)
    .where('id', '=', session)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return row?.browser_id ?? undefined
}
