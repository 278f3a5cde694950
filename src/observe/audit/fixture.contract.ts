/** An audit log on a fresh database, with a clock that is moved by hand. For tests. */
import { createBus } from '../../engine/bus.ts'
import type { SecurityEvent } from '../../engine/events.ts'
import { generateKey, parseKeyring, type KeyRing } from '../../crypto/keyring.ts'
import { randomToken } from '../../crypto/random.ts'
import type { Database } from '../../store/database.ts'
import { migrate } from '../../store/migrate.ts'
import { createAudit, type AuditSetting, type RunningAudit } from './log.ts'
import { readVerifier } from './note.ts'
import { auditMigrations, type AuditDatabase } from './schema.ts'
import { verifyDatabase } from './verify/database.ts'

export const HOST = 'app.example'

export async function fixture(database: Database, setting: Partial<AuditSetting> = {}) {
  await migrate(database, auditMigrations)
  const clock = { now: Date.parse('2026-06-01T12:00:00Z') }
  const keys = setting.keys ?? parseKeyring(generateKey())
  const faults: unknown[] = []

  /** A process of its own on the same database. */
  async function open(more: Partial<AuditSetting> = {}) {
    const bus = createBus(
      () => clock.now,
      (error) => faults.push(error),
    )
    const events: SecurityEvent[] = []
    bus.on((event) => events.push(event))
    const audit: RunningAudit = createAudit({
      database,
      bus,
      keys,
      host: HOST,
      now: () => clock.now,
      random: randomToken,
      onFault: (error) => faults.push(error),
      queue: 10_000,
      every: 10,
      within: 60_000,
      ...setting,
      ...more,
    })
    await audit.start()
    return { bus, events, audit, log: audit.log, emit: bus.emitter('test') }
  }

  const first = await open()
  const verifiers = first.log.status().publicKeys.map((text) => readVerifier(text)!)
  return {
    ...first,
    open,
    clock,
    database: database as AuditDatabase,
    keys: keys as KeyRing,
    verifiers,
    faults,
    verify: (seen?: readonly string[]) => verifyDatabase(database as AuditDatabase, verifiers, seen && { seen }),
    /** So many sign-ins that failed, a second apart, written. */
    async write(count: number, userId = 'ada') {
      for (let index = 0; index < count; index++) {
        clock.now += 1000
        first.emit({ type: 'authn_login_fail', data: { userId, door: 'password', index } })
      }
      await first.log.flush()
    },
  }
}

export type Fixture = Awaited<ReturnType<typeof fixture>>
