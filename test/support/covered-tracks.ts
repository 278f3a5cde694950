/** Somebody who can write into the database gives themselves rights, and covers their tracks: whether anybody could still see it. */
import { sql } from 'kysely'
import { readVerifier } from '../../src/observe/audit/note.ts'
import { verifyDatabase } from '../../src/observe/audit/verify/database.ts'
import { randomToken } from '../../src/crypto/random.ts'
import type { Database } from '../../src/store/database.ts'
import type { TestApp } from './app.ts'

/** Every event is signed at once: who covers tracks comes later. */
export const SIGNED = { audit: { checkpointEvery: 1 } } as const

/** Where the act stands. */
export interface Track {
  readonly chain: number
  readonly seq: number
}

/**
 * `cover` is given where the act stands in the log. Whether afterwards neither the log tells of it nor verification that something was
 * changed. `kept`: with a checkpoint that left the machine before.
 */
export async function tracksAreCovered(
  app: TestApp,
  database: Database,
  cover: (track: Track) => unknown,
  { kept = false }: { readonly kept?: boolean } = {},
): Promise<boolean> {
  const { accounts, audit } = app.holdfast
  const { userId } = await app.signIn('member', `somebody-${randomToken().slice(0, 8).toLowerCase().replaceAll(/[_-]/g, 'x')}`)
  const changed = await accounts.users.setRoles(userId, ['admin'], { kind: 'user', id: 'eve' })
  if (!changed.ok) throw new Error('Eve got no rights.')
  await audit?.flush()
  // Life goes on.
  await accounts.users.setName(userId, 'Somebody', { kind: 'user', id: userId })
  await audit?.flush()
  const tracks = async () => {
    const { rows } = await sql<Track>`
      SELECT chain, seq FROM hf_audit WHERE type = 'authz_change' AND user_id = ${userId} AND actor_id = 'eve'`.execute(
      database.kysely,
    )
    return rows
  }
  const seen = (audit?.status().checkpoints ?? []).map(({ note }) => note)
  for (const track of await tracks()) await cover(track)
  if ((await tracks()).length > 0) return false
  const verifiers = (audit?.status().publicKeys ?? []).map((text) => readVerifier(text)!)
  return audit === undefined || (await verifyDatabase(database as never, verifiers, kept ? { seen } : {})).ok
}
