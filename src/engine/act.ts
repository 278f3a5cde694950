/**
 * A transaction that says what it does: each report is recorded within it, for whoever keeps the record, and emitted once it is
 * committed. So an administrative act that cannot be recorded does not happen, and one that is rolled back is told to nobody.
 */
import type { Transaction } from 'kysely'
import type { Database } from '../store/database.ts'
import type { Emit, Report } from './events.ts'
import type { Exchange } from './exchange.ts'

/** Records now, emits after the commit. Rejects where it cannot be recorded: let it, and the transaction is rolled back. */
export type Tell = (report: Report, x?: Exchange) => Promise<void>

export async function act<Schema, T>(
  database: Pick<Database<Schema>, 'transaction'>,
  emit: Emit,
  work: (tx: Transaction<Schema>, tell: Tell) => Promise<T>,
): Promise<T> {
  const told: { readonly report: Report; readonly x: Exchange | undefined }[] = []
  const result = await database.transaction((tx) =>
    work(tx, async (report, x) => {
      await emit.record?.(tx, report, x)
      told.push({ report, x })
    }),
  )
  for (const { report, x } of told) emit(report, x)
  return result
}
