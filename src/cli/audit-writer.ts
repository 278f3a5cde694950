/** The command writes to the audit log as the application does: what it does is recorded in the transaction in which it does it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseKeyring } from '../crypto/keyring.ts'
import { randomToken } from '../crypto/random.ts'
import type { Bus } from '../engine/bus.ts'
import { createAudit, type RunningAudit } from '../observe/audit/log.ts'
import type { AuditDatabase } from '../observe/audit/schema.ts'
import { readSite } from '../settings/site.ts'
import type { Database } from '../store/database.ts'
import type { Call } from './command.ts'
import { keysOf, settingsOf } from './settings-of.ts'

/** One verb causes few events. */
const QUEUE = 100_000

/**
 * Listens on `bus` until it is stopped, which writes what there is. Signed as the application signs, where its keys can be found;
 * otherwise it signs what the command wrote at its next start.
 */
export async function openCommandAudit(database: Database, bus: Bus, call: Pick<Call, 'io' | 'option'>): Promise<RunningAudit> {
  const text = keysOf(call)
  return createAudit({
    database,
    bus,
    keys: text === undefined ? undefined : parseKeyring(text, call.io.now),
    host: await hostOf(database, call),
    now: call.io.now,
    random: randomToken,
    onFault: (error) => call.io.warn(`The audit log: ${error instanceof Error ? error.message : String(error)}`),
    queue: QUEUE,
    every: QUEUE,
    within: QUEUE,
  })
}

/** Whether there is a database with an audit log at all. */
export async function hasAudit(database: Database): Promise<boolean> {
  const tables = await database.kysely.introspection.getTables()
  return tables.some(({ name }) => name === 'hf_audit_intake')
}

/** Whether the settings lead to a database that is there. */
export function hasDatabase(call: Pick<Call, 'io' | 'option'>): boolean {
  const { data, databaseUrl } = settingsOf(call)
  return databaseUrl !== undefined || existsSync(join(data, 'holdfast.sqlite'))
}

/** As the application calls itself in its checkpoints: its origin is an option of its own that the settings need not tell. */
export async function hostOf(database: Database, call: Pick<Call, 'io' | 'option'>): Promise<string> {
  const signed = await (database as AuditDatabase).kysely
    .selectFrom('hf_audit_checkpoints')
    .select('note')
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  const host = signed?.note.split('/')[0]
  return host === undefined || host === '' ? readSite(settingsOf(call).origin).hostname : host
}
