/** Opens the audit log for a verb. Whoever looks into it is recorded before they see anything. */
import { act } from '../../engine/act.ts'
import { createBus, type Bus } from '../../engine/bus.ts'
import type { Report } from '../../engine/events.ts'
import { parseKeyring } from '../../crypto/keyring.ts'
import type { AuditLog } from '../../observe/audit/types.ts'
import { createSigners } from '../../observe/audit/signers.ts'
import type { NoteSigner } from '../../observe/audit/note.ts'
import type { Database } from '../../store/database.ts'
import { hasAudit, hostOf, openCommandAudit } from '../audit-writer.ts'
import { Refusal, type Call } from '../command.ts'
import { withDatabase } from '../open.ts'
import { keysOf } from '../settings-of.ts'

export interface OpenedAudit {
  readonly database: Database
  readonly log: AuditLog
  readonly bus: Bus
  /** Records what is about to be done, and rejects where it cannot be recorded. */
  readonly record: (report: Report) => Promise<void>
  readonly host: string
}

export const ACTOR = 'system:cli'

export async function withAudit<T>(call: Call, work: (opened: OpenedAudit) => Promise<T>): Promise<T> {
  return await withDatabase(call, { make: false }, async (database) => {
    if (!(await hasAudit(database))) throw new Refusal(3, 'This database has no audit log yet. Run "holdfast migrate" first.')
    const bus = createBus(call.io.now, (error) => call.io.warn(`The event could not be written: ${String(error)}`))
    const audit = await openCommandAudit(database, bus, call)
    const emit = bus.emitter('audit')
    const record = (report: Report) => act(database, emit, async (_, tell) => await tell(report))
    try {
      return await work({ database, log: audit.log, bus, record, host: await hostOf(database, call) })
    } finally {
      await audit.stop()
    }
  })
}

/** Who signs the log; nobody where the key ring is not known here. */
export async function signersOf(call: Call, database: Database): Promise<readonly NoteSigner[]> {
  const text = keysOf(call)
  return text === undefined ? [] : createSigners(parseKeyring(text, call.io.now), await hostOf(database, call))
}
