/**
 * SQLite through node:sqlite, the embedded default: one file, no server, statements that answer at once.
 *
 * The file and its folder are readable by their owner alone. Write-ahead logging lets readers go on while one writes; a transaction
 * has its own connection and holds a gate, so that nobody else's statement becomes part of it.
 * Sources: https://nodejs.org/docs/latest-v24.x/api/sqlite.html, https://www.sqlite.org/wal.html, https://www.sqlite.org/security.html
 */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, type Dialect } from 'kysely'
import type { Database, MaybePromise, Statement, Value } from './database.ts'
import { isBusy, StoreError } from './errors.ts'
import { createGate } from './gate.ts'
import { isRead } from './sql-text.ts'
import { sqliteConnection } from './sqlite-connection.ts'
import type { SqliteConnection } from './sqlite-connection.ts'
import { sqliteDriver } from './sqlite-driver.ts'

export interface SqliteOptions {
  /** A file, or `:memory:`. @default ':memory:' */
  readonly path?: string
  /**
   * Your own connection instead of a path; it stays open. Holdfast runs its transactions on it: while one is under way, what you run
   * on it yourself becomes part of that transaction.
   */
  readonly client?: DatabaseSync
  /** Milliseconds to wait for a transaction of somebody else. @default 5000 */
  readonly busyTimeout?: number
  /** Milliseconds after which a transaction that does not end is rolled back. @default 30000 */
  readonly transactionTimeout?: number
}

const MEMORY = ':memory:'
/** Blocking the process is worth it only for a lock that is about to be freed; after this we wait without blocking. */
const BLOCKING = 10
const RETRY = 10

/**
 * Opens a database. A missing file is made with mode 0600, a missing folder with 0700.
 * Throws a StoreError that says what, why and how to fix it when the file cannot be opened or is no database.
 */
export function sqlite(target: string | SqliteOptions = MEMORY): Database {
  const options = typeof target === 'string' ? { path: target } : target
  const { client, path = MEMORY, busyTimeout = 5000, transactionTimeout = 30_000 } = options
  const open = (): SqliteConnection => sqliteConnection(client ?? openFile(path, busyTimeout))
  const single = client !== undefined || path === MEMORY
  const main = open()
  const gate = createGate(busyTimeout)
  let other: SqliteConnection | undefined
  let closing: Promise<void> | undefined

  async function patiently<T>(work: () => MaybePromise<T>): Promise<T> {
    for (let waited = 0; ; waited += RETRY + BLOCKING) {
      try {
        return await work()
      } catch (error) {
        if (!isBusy(error)) throw error
        if (waited >= busyTimeout) throw busy(busyTimeout, error)
      }
      await delay(RETRY)
    }
  }

  function outside<T>(reads: boolean, work: (connection: SqliteConnection) => T): MaybePromise<T> {
    const free = !gate.held || (reads && !single)
    if (!free) return patiently(() => gate.whenFree(() => work(main)))
    try {
      return work(main)
    } catch (error) {
      if (!isBusy(error)) throw error
      return patiently(() => (reads && !single ? work(main) : gate.whenFree(() => work(main))))
    }
  }

  const inside = (): SqliteConnection => (single ? main : (other ??= open()))
  const driver = sqliteDriver({ gate, outside, inside, patiently, transactionTimeout })
  const dialect: Dialect = {
    createAdapter: () => new GatedAdapter(),
    createDriver: () => driver,
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
  const kysely = new Kysely<any>({ dialect })

  async function shut(): Promise<void> {
    // A transaction under way may end; one that does not is rolled back by closing.
    const leave = await gate.enter().catch(() => () => {})
    try {
      if (client !== undefined) return
      other?.raw.close()
      main.raw.close()
    } finally {
      leave()
    }
  }

  return {
    dialect: 'sqlite',
    shared: client === undefined ? path !== MEMORY : client.location() !== null,
    kysely,
    derive: (around) => new Kysely({ dialect: around(dialect) }),
    statement: (text) => createStatement(text, outside),
    transaction: (work) => kysely.transaction().execute(work),
    ping: async () => void (await outside(true, (connection) => connection.first('SELECT 1 AS one', []))),
    close: () => (closing ??= shut()),
  }
}

/** Kysely would queue on its single connection without end, and hang a query inside of the transaction it waits for. The gate is bounded. */
class GatedAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): true {
    return true
  }
}

function createStatement<Row>(
  text: string,
  outside: <T>(reads: boolean, work: (c: SqliteConnection) => T) => MaybePromise<T>,
): Statement<Row> {
  const reads = isRead(text)
  return {
    get: (...values: Value[]) => outside(reads, (connection) => connection.first(text, values) as Row | undefined),
    all: (...values: Value[]) => outside(reads, (connection) => connection.rows(text, values) as Row[]),
    run: (...values: Value[]) => outside(reads, (connection) => ({ changes: connection.run(text, values).changes })),
  }
}

function openFile(path: string, busyTimeout: number): DatabaseSync {
  if (path === '' || path.includes('\0') || path.startsWith('file:')) {
    throw new StoreError(
      'store-misconfigured',
      `"${path}" is no path of a SQLite database. Give a path such as ./data/holdfast.db, or ":memory:".`,
    )
  }
  let raw: DatabaseSync | undefined
  try {
    if (path !== MEMORY) createPrivately(path)
    raw = new DatabaseSync(path, { timeout: busyTimeout, enableDoubleQuotedStringLiterals: false, allowExtension: false })
    // Functions in a tampered schema (views, triggers, defaults) may have no side effects: https://www.sqlite.org/security.html
    raw.exec('PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON')
    if (path !== MEMORY) useWriteAheadLog(raw)
    raw.exec(`PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = ${BLOCKING}`)
    return raw
  } catch (error) {
    raw?.close()
    const why = error instanceof Error ? error.message : String(error)
    const fix =
      'The folder must exist or be allowed to be made, and this process must be able to write to folder and file, on a local disk.'
    throw new StoreError('store-misconfigured', `The SQLite database ${resolve(path)} could not be opened: ${why}. ${fix}`, {
      cause: error,
    })
  }
}

/** SQLite gives its -wal and -shm files the mode of the database file, so that one mode protects all three. */
function createPrivately(path: string): void {
  mkdirSync(dirname(resolve(path)), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function useWriteAheadLog(raw: DatabaseSync): void {
  const mode = raw.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
  if (mode !== 'wal') throw new Error(`write-ahead logging is not possible there (journal mode ${String(mode)})`)
}

function busy(timeout: number, cause: unknown): StoreError {
  return new StoreError(
    'store-busy',
    `Another process held the SQLite database for more than ${timeout} ms. End it, or use PostgreSQL.`,
    { cause },
  )
}
