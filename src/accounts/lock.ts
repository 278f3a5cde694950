/**
 * The order in which rows are locked, so that changes at the same moment happen one after the other and never wait in a circle:
 * administration, then the user, then their sessions. SQLite has one writer and needs no more than its transaction.
 */
import { sql } from 'kysely'
import type { Database } from '../store/database.ts'
import type { AccountsTransaction, UserRow } from './schema.ts'

type Dialect = Database['dialect']

/** One at a time: whatever could leave nobody to administer, and the making of the first administrator. */
export async function lockAdministration(tx: AccountsTransaction, dialect: Dialect): Promise<void> {
  if (dialect === 'postgres')
    await sql`SELECT pg_advisory_xact_lock(hashtext('holdfast administration ' || current_schema()))`.execute(tx)
}

/** The user, as they are until this transaction ends. `NO KEY` lets the foreign keys of new rows pass. */
export async function lockUser(tx: AccountsTransaction, dialect: Dialect, id: string): Promise<UserRow | undefined> {
  return await tx
    .selectFrom('hf_users')
    .selectAll()
    .where('id', '=', id)
    .$if(dialect === 'postgres', (query) => query.forNoKeyUpdate())
    .executeTakeFirst()
}
