/**
 * Where administrative acts are recorded: in the database that they change, in their own transaction. So an act that cannot be
 * recorded does not happen, and a process that is killed behind the commit has lost nothing: what lies here is put into a chain by
 * whoever writes next.
 */
import type { Transaction } from 'kysely'
import type { SecurityEvent } from '../../engine/events.ts'
import type { AuditDatabase, AuditSchema } from './schema.ts'

/** Acts put into chains at once. */
const MOST = 256

export interface Intake {
  /** Part of the transaction of the act. */
  record(tx: Transaction<AuditSchema>, event: SecurityEvent): Promise<void>
  /** Whether the event was recorded here already, so that it must not be queued as well. */
  has(event: SecurityEvent): boolean
}

export function createIntake(random: (bytes: number) => string): Intake {
  // The facts of an event are one object, from the act over the bus to its listeners.
  const recorded = new WeakSet<object>()
  return {
    async record(tx, event) {
      const { data = {} } = event
      await tx
        .insertInto('hf_audit_intake')
        .values({ id: random(16), at: event.time, body: JSON.stringify(event) })
        .execute()
      recorded.add(data)
    },
    has: ({ data }) => data !== undefined && recorded.has(data),
  }
}

/** One batch of what lies there, oldest first, locked until the transaction ends. */
export async function takeActs(
  tx: Transaction<AuditSchema>,
  dialect: AuditDatabase['dialect'],
): Promise<readonly { readonly id: string; readonly event: SecurityEvent }[]> {
  const rows = await tx
    .selectFrom('hf_audit_intake')
    .select(['id', 'body'])
    .orderBy('at')
    .orderBy('id')
    .limit(MOST)
    .$if(dialect === 'postgres', (query) => query.forUpdate().skipLocked())
    .execute()
  return rows.map(({ id, body }) => ({ id, event: JSON.parse(body) as SecurityEvent }))
}

export async function dropActs(tx: Transaction<AuditSchema>, ids: readonly string[]): Promise<void> {
  await tx.deleteFrom('hf_audit_intake').where('id', 'in', ids).execute()
}

/** Whether there is anything. */
export async function anyActs({ kysely }: AuditDatabase): Promise<boolean> {
  return (await kysely.selectFrom('hf_audit_intake').select('id').limit(1).executeTakeFirst()) !== undefined
}
