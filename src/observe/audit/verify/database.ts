/** Feeds the verifier with a database. It is only read; a copy will do. */
import { signedOf } from '../signed.ts'
import { readTexts, readUnit, rowsOf } from '../units.ts'
import type { AuditDatabase } from '../schema.ts'
import { createVerifier, type LogVerifier, type Verdict, type VerifyOptions } from './verifier.ts'
import type { Verifier } from '../note.ts'
import { createThreads, type Threads } from './threads.ts'

export async function verifyDatabase(
  database: AuditDatabase,
  verifiers: readonly Verifier[],
  { seen, progress, threads = createThreads() }: VerifyOptions = {},
): Promise<Verdict> {
  const verifier = createVerifier(verifiers, seen)
  try {
    const chains = await readChains(database, verifier, threads, progress)
    return withStrange(verifier.end(), await chainsWithEvents(database), chains)
  } finally {
    await threads.close()
  }
}

/** Gives the ids of the chains that somebody began. */
async function readChains(
  database: AuditDatabase,
  verifier: LogVerifier,
  threads: Threads,
  progress?: (events: number) => void,
): Promise<ReadonlySet<number>> {
  const { kysely } = database
  const chains = await kysely.selectFrom('hf_audit_chains').selectAll().orderBy('id').execute()
  let read = 0
  for (const { id, name } of chains) {
    const { stone, checkpoints } = await signedOf(database, id)
    const next = verifier.chain(name, checkpoints, stone)
    // From 0: what stands before its tombstone was put there, or left.
    for await (const [page, { runs, count }] of threads.each(readTexts(database, id, 0))) {
      const [run] = count === page.count && runs.length === 1 ? runs : []
      const unitAt = (place: number) => readUnit(rowsOf(page.text)[place]!)
      if (run === undefined || !next.run(run, unitAt)) for (const unit of await page.units()) next.one(unit)
      progress?.((read += page.count))
    }
  }
  return new Set(chains.map(({ id }) => id))
}

async function chainsWithEvents({ kysely }: AuditDatabase): Promise<readonly number[]> {
  return (await kysely.selectFrom('hf_audit').select('chain').distinct().execute()).map(({ chain }) => chain)
}

function withStrange(verdict: Verdict, chains: readonly number[], known: ReadonlySet<number>): Verdict {
  const strange = chains.filter((chain) => !known.has(chain))
  const what = 'Events of a chain that nobody began.'
  const breaks = [...verdict.breaks, ...strange.map((chain) => ({ chain: String(chain), what }))]
  return { ...verdict, ok: breaks.length === 0, breaks }
}
