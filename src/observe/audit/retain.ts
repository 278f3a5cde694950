/**
 * Removes what was kept long enough, from the beginning of its chain, and puts a signed tombstone there: it carries the chain's hash and
 * the roots of the tree up to that point, so that what is left can be verified as if nothing had gone.
 */
import { sql } from 'kysely'
import type { KeyRing } from '../../crypto/keyring.ts'
import { act } from '../../engine/act.ts'
import type { Bus } from '../../engine/bus.ts'
import { EVENT_CLASSES, type EventClass } from '../../engine/event-classes.ts'
import type { Database } from '../../store/database.ts'
import { createHashes, toBase64 } from './merkle.ts'
import { openNote, readCheckpoint, signNote } from './note.ts'
import { readRange } from './rows.ts'
import type { AuditDatabase, CheckpointTable } from './schema.ts'
import { createSigners, originOf } from './signers.ts'
import { tombstoneText } from './verify/verifier.ts'

interface Setting {
  readonly database: Database
  readonly bus: Pick<Bus, 'emitter'>
  readonly keys: Pick<KeyRing, 'ids' | 'subkey'>
  readonly host: string
  readonly now: () => number
  /** Who removes, in the log. */
  readonly actor: string
}

/** Rows removed at once: nobody waits long for it. */
const CHUNK = 2000

export function createRetention({ database, bus, keys, host, now, actor }: Setting) {
  const { kysely } = database as AuditDatabase
  const hashes = createHashes()
  const emit = bus.emitter('audit')
  let signers: ReturnType<typeof createSigners> | undefined

  /** Up to which checkpoint all events of the chain are older. */
  async function reachOf(chain: number, before: number): Promise<CheckpointTable | undefined> {
    const young = await kysely
      .selectFrom('hf_audit')
      .select((eb) => eb.fn.min('seq').as('seq'))
      .where('chain', '=', chain)
      .where('at', '>=', before)
      .executeTakeFirst()
    return await kysely
      .selectFrom('hf_audit_checkpoints')
      .selectAll()
      .where('chain', '=', chain)
      .$if(typeof young?.seq === 'number', (query) => query.where('size', '<=', young!.seq))
      .orderBy('size', 'desc')
      .executeTakeFirst()
  }

  /** What a checkpoint's row says must be what was signed: it becomes the ground of all that follows. */
  function holds(row: CheckpointTable, name: string): boolean {
    const text = openNote(row.note, signers!)
    const checkpoint = text === undefined ? undefined : readCheckpoint(text)
    return (
      checkpoint?.origin === originOf(host, name) &&
      checkpoint.size === row.size &&
      checkpoint.root === toBase64(hashes.root(readRange(row.range)))
    )
  }

  async function removeRows(chain: number, size: number): Promise<number> {
    let removed = 0
    for (;;) {
      const rows = kysely
        .selectFrom('hf_audit')
        .select('seq')
        .where('chain', '=', chain)
        .where('seq', '<', size)
        .orderBy('seq')
        .limit(CHUNK)
      const { numDeletedRows } = await kysely
        .deleteFrom('hf_audit')
        .where('chain', '=', chain)
        .where('seq', 'in', rows)
        .executeTakeFirst()
      removed += Number(numDeletedRows)
      if (Number(numDeletedRows) < CHUNK) return removed
    }
  }

  async function pruneChain(id: number, name: string, before: number): Promise<number> {
    const reach = await reachOf(id, before)
    if (reach === undefined) return 0
    signers ??= createSigners(keys, host)
    const last = await kysely
      .selectFrom('hf_audit')
      .select(['hash', 'at'])
      .where('chain', '=', id)
      .where('seq', '=', reach.size - 1)
      .executeTakeFirst()
    // Already removed, or not as it was signed: then it is evidence, and stays.
    if (last === undefined || last.hash !== reach.hash || !holds(reach, name)) return 0
    const oldest = await kysely.selectFrom('hf_audit').select('at').where('chain', '=', id).orderBy('seq').executeTakeFirst()
    const text = tombstoneText(originOf(host, name), reach.size, toBase64(hashes.root(readRange(reach.range))), reach.hash)
    const stone = { ...reach, at: now(), note: signNote(text, signers), from_at: oldest!.at, to_at: last.at }
    await act(database as AuditDatabase, emit, async (tx, tell) => {
      await tx.deleteFrom('hf_audit_tombstones').where('chain', '=', id).execute()
      await tx.insertInto('hf_audit_tombstones').values(stone).execute()
      await tx.deleteFrom('hf_audit_checkpoints').where('chain', '=', id).where('size', '<=', reach.size).execute()
      await tell({ type: 'audit_pruned', data: { chain: name, size: reach.size, actor } })
    })
    return await removeRows(id, reach.size)
  }

  return {
    /** Removes of each class what is older; returns how many events went. A class that is not named stays whole. */
    async prune(keep: Partial<Readonly<Record<EventClass, number>>>): Promise<number> {
      let removed = 0
      for (const name of EVENT_CLASSES) {
        const length = keep[name]
        if (length === undefined) continue
        const chains = await kysely
          .selectFrom('hf_audit_chains')
          .select(['id', 'name'])
          .where('name', 'like', `%/${name}`)
          .where('began_at', '<', now() - length)
          .execute()
        for (const chain of chains) removed += await pruneChain(chain.id, chain.name, now() - length)
      }
      if (removed > 0) await dropPartitions(database as AuditDatabase, now())
      return removed
    },
  }
}

/** Months of which nothing is left. */
async function dropPartitions(database: AuditDatabase, now: number): Promise<void> {
  if (database.dialect !== 'postgres') return
  const { rows } = await sql<{ name: string }>`
    SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'hf_audit'::regclass AND c.relname ~ '^hf_audit_[0-9]{6}$'`.execute(database.kysely)
  const current = `hf_audit_${new Date(now).toISOString().slice(0, 7).replace('-', '')}`
  for (const { name } of rows.filter((row) => row.name < current)) {
    const { rows: left } = await sql<{ any: boolean }>`SELECT EXISTS (SELECT 1 FROM ${sql.table(name)}) AS any`.execute(
      database.kysely,
    )
    if (!left[0]!.any) await sql`DROP TABLE ${sql.table(name)}`.execute(database.kysely)
  }
}
