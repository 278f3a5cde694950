/** Signs how far a chain is: for one's own chains every so often, and for those whose process ended without doing it. */
import type { Emit } from '../../engine/events.ts'
import { isUniqueViolation } from '../../store/errors.ts'
import { genesis, toBase64, toBase64Url, fromBase64Url, type Hashes } from './merkle.ts'
import { checkpointText, signNote, type NoteSigner } from './note.ts'
import type { Place } from './proofs.ts'
import { leafText } from './record.ts'
import { rangeText, readRange, type Head } from './rows.ts'
import type { AuditDatabase } from './schema.ts'
import { originOf } from './signers.ts'
import { digestsOf, readUnits } from './units.ts'
import type { AuditCheckpoint } from './types.ts'

interface Setting {
  readonly database: AuditDatabase
  readonly hashes: Hashes
  readonly host: string
  /** Without one nothing is signed. */
  readonly signers: readonly NoteSigner[]
  readonly emit: Emit
  readonly now: () => number
  readonly onSigned?: (checkpoint: AuditCheckpoint) => void
}

/** Of so many chains it is looked whether their end is signed: older ones were looked at by those who came before. */
const MOST_SEALED = 16

export function createCheckpoints({ database, hashes, host, signers, emit, now, onSigned }: Setting) {
  const latest = new Map<number, AuditCheckpoint>()

  async function sign(head: Head): Promise<void> {
    if (signers.length === 0 || head.size === 0) return
    const root = toBase64(hashes.root(head.range))
    const note = signNote(checkpointText({ origin: originOf(host, head.name), size: head.size, root }), signers)
    const at = now()
    const row = { chain: head.id, size: head.size, at, hash: toBase64Url(head.hash), range: rangeText(head.range), note }
    try {
      await database.kysely.insertInto('hf_audit_checkpoints').values(row).execute()
    } catch (error) {
      // Two that start at once may seal the same.
      if (!isUniqueViolation(error)) throw error
    }
    const checkpoint = { chain: head.name, size: head.size, time: at, note }
    latest.set(head.id, checkpoint)
    onSigned?.(checkpoint)
    emit({ type: 'sys_audit_checkpoint', data: { chain: head.name, size: head.size, note } })
  }

  /** The chain from its last checkpoint on, or where it breaks. */
  async function follow(
    id: number,
    name: string,
  ): Promise<{ readonly head: Head; readonly from: number; readonly broken: boolean }> {
    const lastOf = (table: 'hf_audit_checkpoints' | 'hf_audit_tombstones') =>
      database.kysely
        .selectFrom(table)
        .select(['size', 'hash', 'range'])
        .where('chain', '=', id)
        .orderBy('size', 'desc')
        .limit(1)
        .executeTakeFirst()
    const known = (await lastOf('hf_audit_checkpoints')) ?? (await lastOf('hf_audit_tombstones'))
    let head: Head = known
      ? { id, name, size: known.size, hash: fromBase64Url(known.hash), range: readRange(known.range) }
      : { id, name, size: 0, hash: genesis(name), range: [] }
    const from = head.size
    for await (const unit of readUnits(database, id, from)) {
      const { who, what } = digestsOf(unit)
      const leaf = hashes.leaf(leafText(unit.seq, unit.open, who, what))
      const hash = hashes.link(head.hash, leaf)
      if (unit.seq !== head.size || unit.hash !== toBase64Url(hash)) return { head, from, broken: true }
      head = { ...head, size: head.size + 1, hash, range: hashes.append(head.range, head.size, leaf) }
    }
    return { head, from, broken: false }
  }

  /** Signs a chain up to where it is now; says where that is, and from where on it was not signed. */
  async function signRest(id: number, name: string) {
    const { head, from, broken } = await follow(id, name)
    if (broken) emit({ type: 'sys_audit_broken', data: { chain: name, seq: head.size } })
    const more = !broken && head.size > from
    const own = latest.has(id)
    if (more) await sign(head)
    if (!own) latest.delete(id)
    return { head, from, more }
  }

  return {
    sign,
    latest: (): readonly AuditCheckpoint[] => [...latest.values()],
    sizeOf: (chain: number): number => latest.get(chain)?.size ?? 0,
    timeOf: (chain: number): number | undefined => latest.get(chain)?.time,

    /**
     * Signs what earlier processes wrote and did not sign, as after a crash, if it holds; returns where each chain is. A chain of a
     * process that runs gets one checkpoint more by that, which harms nothing.
     */
    async seal(): Promise<readonly string[]> {
      const query = database.kysely.selectFrom('hf_audit_chains').selectAll().orderBy('id', 'desc').limit(MOST_SEALED)
      const found: string[] = []
      for (const { id, name } of await query.execute()) {
        const { head, from, more } = await signRest(id, name)
        if (more) emit({ type: 'sys_audit_sealed', data: { chain: name, from, size: head.size } })
        found.push(`${name} ${head.size} ${toBase64Url(head.hash)}`)
      }
      return found
    },

    /** Sees to it that a checkpoint vouches for each of these places, whichever process wrote there. */
    async cover(places: readonly Place[]): Promise<void> {
      for (const [name, own] of Map.groupBy(places, ({ chain }) => chain)) {
        const found = await database.kysely
          .selectFrom('hf_audit_chains as own')
          .leftJoin('hf_audit_checkpoints', 'chain', 'own.id')
          .select((eb) => ['own.id', eb.fn.max('size').as('size')])
          .where('own.name', '=', name)
          .groupBy('own.id')
          .executeTakeFirst()
        if (found && own.some(({ seq }) => seq >= Number(found.size ?? 0))) await signRest(found.id, name)
      }
    },
  }
}

export type Checkpoints = ReturnType<typeof createCheckpoints>
