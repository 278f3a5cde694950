/**
 * Kills a process with SIGKILL while it does administrative acts under a load of other events, and looks at what is left: every act
 * that was acknowledged is in the log, every act that is in the log happened, and the chain verifies.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { sql } from 'kysely'
import { createHoldfast } from '../../src/index.ts'
import { readVerifier } from '../../src/observe/audit/note.ts'
import { verifyDatabase } from '../../src/observe/audit/verify/database.ts'
import { postgres } from '../../src/store/postgres.ts'
import { sqlite } from '../../src/store/sqlite.ts'

/** `server`: a `postgres://` URL; without one, the embedded database in the folder. */
export const options = (data: string, server?: string) =>
  ({
    origin: 'https://app.example',
    data,
    mode: 'test',
    log: 'silent',
    ...(server !== undefined && { database: server }),
  }) as const

/** What one round left behind. */
export interface Killed {
  readonly acknowledged: number
  readonly lost: number
  readonly breaks: readonly unknown[]
}

/** Starts a process on the folder, and kills it `after` milliseconds from its first act. */
export async function killOnce(data: string, after: number, server?: string): Promise<Killed> {
  const victim = [join(import.meta.dirname, 'audit-victim.ts'), data, ...(server === undefined ? [] : [server])]
  const child = spawn(process.execPath, [...process.execArgv, ...victim], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  await once(child.stdout, 'data')
  await new Promise((resolve) => setTimeout(resolve, after))
  child.kill('SIGKILL')
  await once(child, 'close')
  // A line that was not written whole was acknowledged to nobody.
  const acknowledged = said.slice(0, said.lastIndexOf('\n')).split('\n')
  const holdfast = await createHoldfast(options(data, server))
  await holdfast.audit!.flush()
  const verifiers = holdfast.audit!.status().publicKeys.map((text) => readVerifier(text)!)
  await holdfast.stop()
  const database = server === undefined ? sqlite(join(data, 'holdfast.sqlite')) : postgres(server)
  const { rows: acts } = await sql<{
    data: string
  }>`SELECT data FROM hf_audit WHERE type = 'tenant_created'`.execute(database.kysely)
  const rows = acts.map((act) => ({ id: (JSON.parse(act.data) as { readonly tenant: string }).tenant }))
  const { rows: tenants } = await sql<{ id: string }>`SELECT id FROM hf_tenants`.execute(database.kysely)
  const [recorded, made] = [new Set(rows.map(({ id }) => id)), new Set(tenants.map(({ id }) => id))]
  const { breaks } = await verifyDatabase(database, verifiers)
  await database.close()
  const lost = acknowledged.filter((id) => !recorded.has(id)).length + recorded.symmetricDifference(made).size
  return { acknowledged: acknowledged.length, lost: lost + (rows.length - recorded.size), breaks }
}
