/** The whole log, or a span of time, in the order of writing: for exports. */
import type { Database } from '../../store/database.ts'
import { eventLine, type CheckpointLine, type TombstoneLine } from './lines.ts'
import { toEvent, type AuditRow } from './rows.ts'
import { orderOf, type AuditDatabase } from './schema.ts'
import { signedOf } from './signed.ts'
import type { AuditEvent } from './types.ts'
import type { Tombstone } from './verify/verifier.ts'

const PAGE = 1000

interface Span {
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** Events page by page, oldest first. */
export async function* readEvents(database: Database, span: Span): AsyncGenerator<readonly AuditEvent[]> {
  const names = await namesOf(database)
  const order = orderOf(database.dialect)
  const statement = database.statement<AuditRow & { readonly n: number }>(
    `SELECT * FROM hf_audit WHERE ${order} > ? AND at >= ? AND at < ? ORDER BY ${order} LIMIT ${PAGE}`,
  )
  const [from, to] = [span.from ?? 0, span.to ?? Number.MAX_SAFE_INTEGER]
  for (let last = -1; ;) {
    const rows = await statement.all(last, from, to)
    if (rows.length > 0) yield rows.map((row) => toEvent(row, names.get(row.chain) ?? `unknown-${row.chain}/security`))
    if (rows.length < PAGE) return
    last = rows.at(-1)!.n
  }
}

/** Chain by chain with tombstones and checkpoints: all that `audit verify` needs. It is always the whole log. */
export async function* readLines(database: Database): AsyncGenerator<readonly string[]> {
  const statement = database.statement<AuditRow>(`SELECT * FROM hf_audit WHERE chain = ? AND seq >= ? ORDER BY seq LIMIT ${PAGE}`)
  for (const [id, chain] of await namesOf(database)) {
    const { stone, checkpoints } = await signedOf(database as AuditDatabase, id)
    yield [
      ...(stone ? [tombstoneLine(stone, chain)] : []),
      ...checkpoints.map(({ note, size }) => JSON.stringify({ chain, size, checkpoint: note } satisfies CheckpointLine)),
    ]
    for (let next = stone?.size ?? 0; ;) {
      const rows = await statement.all(id, next)
      yield rows.map((row) => eventLine(row, chain))
      if (rows.length < PAGE) break
      next = rows.at(-1)!.seq + 1
    }
  }
}

function tombstoneLine({ note, size, hash, range }: Tombstone, chain: string): string {
  return JSON.stringify({ chain, size, tombstone: note, hash, range } satisfies TombstoneLine)
}

async function namesOf(database: Database): Promise<ReadonlyMap<number, string>> {
  const rows = await (database as AuditDatabase).kysely
    .selectFrom('hf_audit_chains')
    .select(['id', 'name'])
    .orderBy('id')
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}
