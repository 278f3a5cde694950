/**
 * PostgreSQL through the application's own pg.Pool, or through a pool of our own for a URL. `pg` is an optional peer: it is loaded
 * when a URL is given.
 *
 * Every wait is bounded: for a connection 5 s, for a statement 10 s, for a transaction that does nothing 30 s. An idle connection
 * that the server ends does not end the process.
 * Sources: https://node-postgres.com/apis/pool, https://www.postgresql.org/docs/current/runtime-config-client.html
 */
import { createHash } from 'node:crypto'
import { Kysely, PostgresDialect } from 'kysely'
import type { PostgresPool } from 'kysely'
import type { Pool, PoolClient, QueryResult } from 'pg'
import type { Database, Statement, Value } from './database.ts'
import { StoreError } from './errors.ts'
import { postgresChannel } from './postgres-channel.ts'
import { createTypes } from './postgres-types.ts'
import { readSql, refuseTransactionControl } from './sql-text.ts'

export interface PostgresOptions {
  /** Connections at most, for a URL. @default 10 */
  readonly poolSize?: number
}

const CONNECT_TIMEOUT = 5000
const STATEMENT_TIMEOUT = 10_000
const IDLE_IN_TRANSACTION = 30_000

/**
 * A database from a pool (it stays open on `close`) or from a `postgres://` URL. With a URL the first query connects: a wrong
 * address rejects there, `ping()` tells at once.
 *
 * Statements are prepared under a name. Behind a pooler in transaction mode that needs one that knows prepared statements (PgBouncer 1.21).
 */
export function postgres(target: Pool | string, options: PostgresOptions = {}): Database {
  const own = typeof target === 'string'
  if (own) checkUrl(target)
  let opening: Promise<Pool> | undefined
  let closing: Promise<void> | undefined
  const pool = own
    ? (): Promise<Pool> => (opening ??= openPool(target, options.poolSize ?? 10))
    : (): Promise<Pool> => Promise.resolve(target)
  const typesOf = createTypes()
  const heard = new WeakSet<PoolClient>()
  if (!own) target.on('error', ignore)

  async function connect(): Promise<PoolClient> {
    const client = await (await pool()).connect()
    if (!heard.has(client)) client.on('error', ignore)
    heard.add(client)
    return client
  }

  async function query(text: string, name: string, values: unknown[]): Promise<QueryResult> {
    const client = await connect()
    try {
      const result = await client.query({ text, name, values, types: typesOf(client) })
      client.release()
      return result
    } catch (error) {
      client.release(isBroken(error))
      throw error
    }
  }

  async function shut(): Promise<void> {
    if (!own) return void target.off('error', ignore)
    if (opening === undefined) opening = Promise.reject(new StoreError('store-unavailable', 'The database was closed.'))
    const opened = await opening.catch(() => undefined)
    await opened?.end()
  }

  const dialect = new PostgresDialect({ pool: async () => wrapPool((await pool()).options, connect, typesOf) })
  const kysely = new Kysely<any>({ dialect })
  return {
    dialect: 'postgres',
    shared: true,
    kysely,
    derive: (around) => new Kysely({ dialect: around(dialect) }),
    statement: (text) => createStatement(text, query),
    transaction: (work) => kysely.transaction().execute(work),
    channel: postgresChannel(pool),
    ping: async () => void (await (await pool()).query('SELECT 1')),
    close: () => (closing ??= shut()),
  }
}

function createStatement<Row>(
  text: string,
  query: (text: string, name: string, values: unknown[]) => Promise<QueryResult>,
): Statement<Row> {
  refuseTransactionControl(text)
  const { numbered, parameters } = readSql(text)
  // PostgreSQL cuts names at 63 bytes, so a digest and not the text. Two texts with one name would be refused by pg.
  const name = `hf_${createHash('sha256').update(numbered).digest('hex').slice(0, 32)}`

  async function send(values: Value[]): Promise<QueryResult> {
    if (values.length !== parameters) {
      throw new RangeError(`The statement has ${parameters} parameters, got ${values.length} values: ${text.trim().slice(0, 80)}`)
    }
    return query(numbered, name, values)
  }

  return {
    get: async (...values) => (await send(values)).rows[0] as Row | undefined,
    all: async (...values) => (await send(values)).rows as Row[],
    run: async (...values) => ({ changes: (await send(values)).rowCount ?? 0 }),
  }
}

/**
 * Whether the connection cannot be used again: the server ends it with FATAL, and an error that is not the server's leaves its state
 * unknown. The pool would hand it out until it hears of its end. https://www.postgresql.org/docs/current/protocol-error-fields.html
 */
function isBroken(error: unknown): boolean {
  return (error as { severity?: unknown }).severity !== 'ERROR'
}

/** Kysely's view of the pool, with our types on each query. One wrapper a client: Kysely recognises its connections by it. */
function wrapPool(options: object, take: () => Promise<PoolClient>, typesOf: (client: PoolClient) => object): PostgresPool {
  const wrapped = new WeakMap<PoolClient, unknown>()
  const wrap = (client: PoolClient): unknown => {
    let broken = false
    return {
      async query(text: string, values: readonly unknown[]) {
        try {
          return await client.query({ text, values: [...values], types: typesOf(client) as never })
        } catch (error) {
          broken ||= isBroken(error)
          throw error
        }
      },
      release: (destroy?: boolean) => client.release(destroy === true || broken),
      get processID() {
        return (client as { processID?: number }).processID
      },
    }
  }
  return {
    options,
    async connect() {
      const client = await take()
      let known = wrapped.get(client)
      if (known === undefined) wrapped.set(client, (known = wrap(client)))
      return known as Awaited<ReturnType<PostgresPool['connect']>>
    },
    // Only close() of the database ends a pool, and only its own.
    end: async () => {},
  }
}

/**
 * Without a listener the loss of a connection, idle or in a transaction that waits, ends the process. The pool replaces it by itself,
 * and the next query of that transaction rejects.
 */
function ignore(): void {}

async function openPool(connectionString: string, max: number): Promise<Pool> {
  const { default: pg } = await import('pg').catch((cause: unknown) => {
    throw new StoreError(
      'store-misconfigured',
      'A postgres:// URL was given, but the package "pg" is not installed. Run: npm install pg',
      { cause },
    )
  })
  const pool = new pg.Pool({
    connectionString,
    max,
    application_name: 'holdfast',
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    statement_timeout: STATEMENT_TIMEOUT,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION,
    keepAlive: true,
  })
  pool.on('error', ignore)
  return pool
}

/** Never repeats the URL: it holds a password. */
function checkUrl(url: string): void {
  if (URL.canParse(url) && /^postgres(?:ql)?:\/\//i.test(url)) return
  throw new StoreError(
    'store-misconfigured',
    'This is no PostgreSQL URL. It looks like postgres://user:password@host:5432/database; encode special characters.',
  )
}
