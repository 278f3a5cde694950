/**
 * Kysely's driver for node:sqlite. A query runs on the main connection; a transaction holds the gate and has, for a file, a connection
 * of its own, so that others go on reading what was committed and nobody writes into it.
 */
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import { StoreError } from './errors.ts'
import type { MaybePromise } from './database.ts'
import type { Gate } from './gate.ts'
import { isRead } from './sql-text.ts'
import type { SqliteConnection } from './sqlite-connection.ts'

export interface SqliteParts {
  readonly gate: Gate
  /** Runs a query outside of transactions, now or when it may. */
  readonly outside: <T>(reads: boolean, work: (connection: SqliteConnection) => T) => MaybePromise<T>
  /** The connection on which transactions run: the main one in memory. */
  readonly inside: () => SqliteConnection
  /** Repeats while another process holds the lock. */
  readonly patiently: <T>(work: () => T) => Promise<T>
  /** Milliseconds after which a transaction is rolled back. */
  readonly transactionTimeout: number
}

/** A transaction under way. */
interface Held {
  readonly connection: SqliteConnection
  readonly leave: () => void
  readonly timer: NodeJS.Timeout
  expired: boolean
}

interface Lease extends DatabaseConnection {
  held: Held | undefined
}

export function sqliteDriver(parts: SqliteParts): Driver {
  const exec = (connection: DatabaseConnection, text: string): void => current(connection as Lease).connection.raw.exec(text)

  async function begin(lease: Lease): Promise<void> {
    const leave = await parts.gate.enter()
    try {
      const connection = parts.inside()
      await parts.patiently(() => connection.raw.exec('BEGIN IMMEDIATE'))
      const held: Held = { connection, leave, expired: false, timer: setTimeout(() => expire(held), parts.transactionTimeout) }
      held.timer.unref()
      lease.held = held
    } catch (error) {
      leave()
      throw error
    }
  }

  return {
    init: async () => {},
    acquireConnection: async () => createLease(parts),
    beginTransaction: (connection) => begin(connection as Lease),
    async commitTransaction(connection) {
      exec(connection, 'COMMIT')
      end(connection as Lease)
    },
    async rollbackTransaction(connection) {
      end(connection as Lease)
    },
    savepoint: async (connection, name) => exec(connection, `SAVEPOINT ${quote(name)}`),
    rollbackToSavepoint: async (connection, name) => exec(connection, `ROLLBACK TO ${quote(name)}`),
    releaseSavepoint: async (connection, name) => exec(connection, `RELEASE ${quote(name)}`),
    async releaseConnection(connection) {
      end(connection as Lease)
    },
    destroy: async () => {},
  }
}

function createLease(parts: SqliteParts): Lease {
  const lease: Lease = {
    held: undefined,
    async executeQuery<R>(query: CompiledQuery) {
      if (lease.held !== undefined) return execute<R>(current(lease).connection, query)
      return await parts.outside(isRead(query.sql), (connection) => execute<R>(connection, query))
    },
    // All rows at once: an open cursor would keep reading into the transaction of somebody else. Read long tables in pages.
    async *streamQuery<R>(query: CompiledQuery) {
      yield await lease.executeQuery<R>(query)
    },
  }
  return lease
}

function execute<R>(connection: SqliteConnection, query: CompiledQuery): QueryResult<R> {
  if (connection.isReader(query.sql)) {
    const rows = connection.rows(query.sql, query.parameters) as R[]
    return { rows, ...(isRead(query.sql) ? {} : { numAffectedRows: BigInt(rows.length) }) }
  }
  const { changes, lastInsertRowid } = connection.run(query.sql, query.parameters)
  return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
}

function current(lease: Lease): Held {
  const { held } = lease
  if (held === undefined) throw new StoreError('store-misuse', 'There is no transaction on this connection.')
  if (held.expired) {
    throw new StoreError(
      'store-busy',
      'The transaction took too long and was rolled back. Await nothing slow inside of it (mail, HTTP, hashing).',
    )
  }
  return held
}

/** Fail closed: what never ends would keep every other writer waiting. */
function expire(held: Held): void {
  held.expired = true
  if (held.connection.raw.isOpen && held.connection.raw.isTransaction) held.connection.raw.exec('ROLLBACK')
  held.leave()
}

/** Ends what is still open (SQLite itself rolls back after some errors) and lets the next one in, whatever happens. */
function end(lease: Lease): void {
  const { held } = lease
  if (held === undefined) return
  lease.held = undefined
  clearTimeout(held.timer)
  if (held.expired) return
  try {
    if (held.connection.raw.isOpen && held.connection.raw.isTransaction) held.connection.raw.exec('ROLLBACK')
  } finally {
    held.leave()
  }
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
