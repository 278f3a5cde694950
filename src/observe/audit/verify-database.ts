/** Feeds the verifier with a database. It is only read; a copy will do. */
import { readPages } from './units.ts'
import type { AuditDatabase } from './schema.ts'
import { createVerifier, type Verdict } from './verify.ts'
import type { Verifier } from './note.ts'

/** `seen`: checkpoints that were kept elsewhere. `progress` is told how many events were read. */
export async function verifyDatabase(
  database: AuditDatabase,
  verifiers: readonly Verifier[],
  { seen, progress }: { readonly seen?: readonly string[]; readonly progress?: (events: number) => void } = {},
): Promise<Verdict> {
  const { kysely } = database
  const verifier = createVerifier(verifiers, seen)
  const chains = await kysely.selectFrom('hf_audit_chains').selectAll().orderBy('id').execute()
  let read = 0
  for (const { id, name } of chains) {
    const stone = await kysely
      .selectFrom('hf_audit_tombstones')
      .selectAll()
      .where('chain', '=', id)
      .orderBy('size', 'desc')
      .executeTakeFirst()
    const removed = stone?.size ?? 0
    const signed = await kysely
      .selectFrom('hf_audit_checkpoints')
      .select(['size', 'note'])
      .where('chain', '=', id)
      .where('size', '>', removed)
      .orderBy('size')
      .execute()
    const next = verifier.chain(name, signed, stone)
    // From 0: what stands before its tombstone was put there, or left.
    for await (const page of readPages(database, id, 0)) {
      for (const unit of page) next(unit)
      progress?.((read += page.length))
    }
  }
  const known = new Set(chains.map(({ id }) => id))
  const verdict = verifier.end()
  const strange = (await kysely.selectFrom('hf_audit').select('chain').distinct().execute()).filter(
    ({ chain }) => !known.has(chain),
  )
  const breaks = [
    ...verdict.breaks,
    ...strange.map(({ chain }) => ({ chain: String(chain), what: 'Events of a chain that nobody began.' })),
  ]
  return { ...verdict, ok: breaks.length === 0, breaks }
}
