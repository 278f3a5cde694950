/** What was signed of a chain. */
import type { AuditDatabase } from './schema.ts'

/** Its tombstone, where its beginning was removed, and the checkpoints behind that in their order. */
export async function signedOf({ kysely }: AuditDatabase, chain: number) {
  const stone = await kysely
    .selectFrom('hf_audit_tombstones')
    .selectAll()
    .where('chain', '=', chain)
    .orderBy('size', 'desc')
    .executeTakeFirst()
  const checkpoints = await kysely
    .selectFrom('hf_audit_checkpoints')
    .select(['size', 'note'])
    .where('chain', '=', chain)
    .where('size', '>', stone?.size ?? 0)
    .orderBy('size')
    .execute()
  return { stone, checkpoints }
}
