/** Opens the audit log as the options say, and tells loudly when it is off. */
import type { Audit, AuditOff } from '../settings/audit-options.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import type { Bus } from '../engine/bus.ts'
import type { Finding } from '../engine/finding.ts'
import { createAudit } from '../observe/audit/log.ts'
import { createRetention } from '../observe/audit/retain.ts'
import type { AuditLog } from '../observe/audit/types.ts'
import type { Site } from '../engine/control.ts'
import type { Database } from '../store/database.ts'

export interface AuditingSetting {
  readonly audit: Audit | AuditOff
  readonly database: Database
  readonly bus: Bus
  readonly keys: KeyRing
  readonly site: Pick<Site, 'hostname'>
  readonly now: () => number
  readonly random: (bytes: number) => string
  readonly onFault: (error: unknown, requestId: undefined) => void
}

export interface Auditing {
  /** Absent where it is off. */
  readonly log: AuditLog | undefined
  readonly findings: readonly Finding[]
  /** Removes what was kept long enough; only where the application owns the database. */
  sweep(now: number): Promise<unknown>
  stop(): Promise<void>
}

/** How often it is looked for events past their time. */
const PRUNE_EVERY = 3_600_000

/** From here on everything is recorded. */
export async function openAuditing(setting: AuditingSetting): Promise<Auditing> {
  const { audit, database, bus, keys, site, now } = setting
  if ('off' in audit) return tellOff(audit.off, bus)
  const shared = { database, bus, keys, host: site.hostname, now }
  const running = createAudit({
    ...shared,
    ...audit,
    random: setting.random,
    onFault: (error) => setting.onFault(error, undefined),
  })
  await running.start()
  const retention = createRetention({ ...shared, actor: 'system:retention' })
  let next = 0
  return {
    log: running.log,
    findings: [],
    async sweep(at) {
      // With PostgreSQL the application need not be allowed to delete: the command does it, as the owner.
      if (database.dialect === 'postgres' || at < next) return 0
      next = at + PRUNE_EVERY
      return await retention.prune(audit.keep)
    },
    stop: running.stop,
  }
}

function tellOff(reason: string, bus: Bus): Auditing {
  const emit = bus.emitter('audit')
  emit({ type: 'sys_monitor_disabled', data: { what: 'audit-log', reason } })
  const finding: Finding = {
    id: 'HF-AUDIT-1',
    severity: 'high',
    what: `The audit log is off: ${reason}`,
    fix: 'Remove the option `audit`: it is on by default.',
  }
  return { log: undefined, findings: [finding], sweep: () => Promise.resolve(0), stop: () => Promise.resolve() }
}
