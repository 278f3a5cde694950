/** Opens what a verb works on: the same database the application uses, found by the same settings. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createAccounts, recordedRoles, type Accounts } from '../accounts/index.ts'
import { generateKey, parseKeyring, type KeyRing } from '../crypto/keyring.ts'
import { createHasher, type Hasher } from '../crypto/password/hasher.ts'
import { randomToken } from '../crypto/random.ts'
import { openDataFolder } from '../settings/data-folder.ts'
import { act } from '../engine/act.ts'
import { createBus, type Bus } from '../engine/bus.ts'
import type { Report } from '../engine/events.ts'
import { recordedApproval } from '../settings/approval-options.ts'
import { followResponses } from '../services/responding-approvals.ts'
import { migrations } from '../index.ts'
import type { AuditLog } from '../observe/audit/types.ts'
import { createTimeline, type Timeline } from '../observe/incidents/timeline.ts'
import { fileSink } from '../observe/logs/file.ts'
import type { Settings } from '../settings/settings.ts'
import { readSite } from '../settings/site.ts'
import { createAnnouncements, type Announcements } from '../store/announcements.ts'
import type { AtomicStore } from '../store/atomic.ts'
import type { Database } from '../store/database.ts'
import { openDatabase } from '../store/database-url.ts'
import { migrate, pending } from '../store/migrate.ts'
import { sqlStore } from '../store/sql-atomic.ts'
import { Refusal, type Call, type Io } from './command.ts'
import { hasAudit, hasDatabase, openCommandAudit } from './audit-writer.ts'
import { lettersOf, lettersWherePossible } from './letters.ts'
import { keysOf, settingsOf } from './settings-of.ts'

export { keysOf, settingsOf } from './settings-of.ts'

/** Who acts, in the log. */
export const CLI = { kind: 'system', id: 'cli' } as const

/** What the application configures is not known here: rather list a session that has just run out than hide one that lives. */
const UNKNOWN_LENGTHS = { idle: 365 * 86_400_000, absolute: 365 * 86_400_000 }

/** Stands where secrets of other systems would: what they hash is recognised, and nothing is verified. */
const UNUSED = { flaskSecuritySalt: 'unused', firebase: { signerKey: '', saltSeparator: '', rounds: 8, memCost: 14 } }

interface Opening {
  /** Whether a database that is not there may be made. Otherwise a wrong folder is said, not filled. */
  readonly make: boolean
  /** Whether the application's own key ring is needed: what is counted of an account stands under a keyed hash. @default false */
  readonly keys?: boolean
  /** Whether letters are written, which the application then sends; without it the verb refuses, or goes on. @default false */
  readonly letters?: true | 'where-possible'
}

/** Gives the database to `work` and closes it after. */
export async function withDatabase<T>(call: Call, { make }: Opening, work: (database: Database) => Promise<T>): Promise<T> {
  const { data, databaseUrl } = settingsOf(call)
  const file = join(data, 'holdfast.sqlite')
  if (databaseUrl === undefined && !make && !existsSync(file)) {
    throw new Refusal(
      3,
      `There is no database at ${file}. Name its folder with --data or HOLDFAST_DATA, or the database with HOLDFAST_DATABASE_URL.`,
    )
  }
  const database = await openDatabase(databaseUrl?.reveal() ?? openDataFolder(data).database)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

/** The same, of this version: a database that is behind is refused, and none is made. */
export async function withCurrentDatabase<T>(call: Call, work: (database: Database) => Promise<T>): Promise<T> {
  return await withDatabase(call, { make: false }, async (database) => {
    await bringUp(call, database, false)
    return await work(database)
  })
}

/** Migrates a new database, where one may be made. */
async function bringUp(call: Call, database: Database, make: boolean): Promise<void> {
  const missing = await pending(database, migrations)
  if (missing.length > 0 && (missing.length < migrations.length || !make)) {
    throw new Refusal(3, `The database is behind this version by ${missing.join(', ')}. Run "holdfast migrate" first.`)
  }
  await migrate(database, migrations, { now: call.io.now })
}

/** What a verb works with. */
export interface Workplace extends Opened {
  readonly accounts: Accounts
  readonly settings: Settings
  readonly bus: Bus
  readonly audit: AuditLog
  /** Of incidents. */
  readonly timeline: Timeline
}

/** Gives accounts on the database to `work`. A new database is migrated; one that is behind is refused. */
export async function withAccounts<T>(call: Call, opening: Opening, work: (accounts: Accounts) => Promise<T>): Promise<T> {
  return await withWorkplace(call, opening, ({ accounts }) => work(accounts))
}

/** The same with what stands behind them. */
export async function withWorkplace<T>(call: Call, opening: Opening, work: (place: Workplace) => Promise<T>): Promise<T> {
  return await withDatabase(call, opening, async (database) => {
    await bringUp(call, database, opening.make)
    const settings = settingsOf(call)
    const bus = createBus(call.io.now, (error) => call.io.warn(`The event could not be written: ${String(error)}`))
    const closeLog = writeLog(bus, settings.log, call.io)
    const announcements = announcementsOf(database)
    const audit = await openCommandAudit(database, bus, call)
    try {
      const timeline = createTimeline(randomToken, call.io.now)
      const accounts = await openAccounts({ database, announcements, timeline }, settings, bus, call, opening)
      return await work({ accounts, database, announcements, timeline, settings, bus, audit: audit.log })
    } finally {
      await announcements?.close()
      await audit.stop()
      closeLog()
    }
  })
}

/**
 * Says what a verb is about to do that needs no accounts, where the application says what it does. Rejects where there is an audit log
 * that cannot be written: then do not do it.
 */
export async function tell(call: Call, report: Report): Promise<void> {
  const bus = createBus(call.io.now, (error) => call.io.warn(`The event could not be written: ${String(error)}`))
  const closeLog = writeLog(bus, settingsOf(call).log, call.io)
  const emit = bus.emitter('keys')
  try {
    if (!hasDatabase(call)) return emit(report)
    await withDatabase(call, { make: false }, async (database) => {
      if (!(await hasAudit(database))) return emit(report)
      const audit = await openCommandAudit(database, bus, call)
      await act(database, emit, async (_, record) => await record(report))
      await audit.stop()
    })
  } finally {
    closeLog()
  }
}

/** Gives the store of one-time things to `work`, where the application leaves what the command should know. */
export async function withStore<T>(call: Call, work: (once: AtomicStore) => Promise<T>): Promise<T> {
  return await withDatabase(call, { make: false }, (database) => work(sqlStore(database)))
}

/** The key ring of the application; refuses where it cannot be found. */
export function ownKeys(call: Call): KeyRing {
  const text = keysOf(call)
  if (text !== undefined) return parseKeyring(text)
  throw new Refusal(3, 'The key ring of the application is not known here. Set HOLDFAST_KEYS, or name its folder with --data.')
}

/** The application's processes drop what they remember as soon as a verb has written, where the database can tell them. */
function announcementsOf({ channel }: Database): Announcements | undefined {
  const nothing = (): void => {}
  return channel && createAnnouncements(channel, { random: randomToken, onLost: nothing, onBack: nothing, listens: false })
}

interface Opened {
  readonly database: Database
  readonly announcements: Announcements | undefined
  readonly timeline: Timeline
}

async function openAccounts(
  { database, announcements, timeline }: Opened,
  settings: Settings,
  bus: Bus,
  call: Call,
  { letters, keys }: Opening,
): Promise<Accounts> {
  const { io } = call
  const once = sqlStore(database)
  const where = { database, once, settings, now: io.now }
  const written = letters && (letters === true ? await lettersOf(where) : await lettersWherePossible(where))
  return createAccounts({
    database,
    announcements,
    once,
    // Keys mark names in events of sign-ins, and nobody signs in here: mostly there is no need to touch the application's own.
    keys: keys === true ? ownKeys(call) : parseKeyring(generateKey()),
    hasher: openHasher(settings, io),
    emit: bus.emitter('accounts'),
    now: io.now,
    random: randomToken,
    roles: await recordedRoles(once, io.now()),
    tenantRoles: await recordedRoles(once, io.now(), 'tenant'),
    approval: await recordedApproval(once, io.now()),
    followApproval: followResponses(timeline),
    sessions: UNKNOWN_LENGTHS,
    tokens: UNKNOWN_LENGTHS,
    siteName: readSite(settings.origin).hostname,
    ...written,
  })
}

/** Makes and reads hashes; it verifies nobody, so that what other systems kept elsewhere is not needed. */
export function openHasher({ pepper }: Pick<Settings, 'pepper'>, { warn }: Pick<Io, 'warn'>): Hasher {
  return createHasher({ warn, imported: UNUSED, ...(pepper && { pepper: parseKeyring(pepper) }) })
}

/** Into the same file as the application's events; never into standard output, which is the verb's own. */
function writeLog(bus: Bus, log: string, { now, warn }: Io): () => void {
  if (log === 'stdout') return () => {}
  const told = (error: unknown) => warn(`The event could not be written: ${String(error)}`)
  const sink = fileSink(log, { health: { lost: 0, lose: told, written() {} }, now, onFault: told })
  bus.on((event) => sink.write(event))
  return () => void sink.close()
}
