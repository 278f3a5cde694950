/**
 * A dialect of Kysely with a guard before its compiler: every query, whichever way it was built, is looked at and may be changed before
 * it becomes text, and text that did not come from there is not run. A plugin would be left out by `withoutPlugins`, and would never
 * see a `CompiledQuery` made by hand.
 */
import type {
  CompiledQuery,
  DatabaseConnection,
  Dialect,
  Driver,
  QueryCompiler,
  QueryResult,
  RootOperationNode,
  TransactionSettings,
} from 'kysely'
import { StoreError } from '../errors.ts'

/** Gives the query back, as it was or changed, or throws a StoreError (`store-misuse`). */
export type Guard = (query: RootOperationNode) => RootOperationNode

export interface GuardOptions {
  /** Runs on the connection at the beginning of each transaction; a statement outside of one then gets one of its own. @default nothing */
  readonly atBegin?: CompiledQuery
}

/** `guard` sees a query after all plugins, once, with every part of it. */
export function guardedDialect(dialect: Dialect, guard: Guard, options: GuardOptions = {}): Dialect {
  const compiled = new WeakSet<object>()
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (kysely) => dialect.createIntrospector(kysely),
    createQueryCompiler: () => guardedCompiler(dialect.createQueryCompiler(), guard, compiled),
    createDriver: () => guardedDriver(dialect, (query) => compiled.has(query), options),
  }
}

function guardedCompiler(compiler: QueryCompiler, guard: Guard, compiled: WeakSet<object>): QueryCompiler {
  return {
    compileQuery(node, queryId) {
      const query = compiler.compileQuery(guard(node) as never, queryId)
      compiled.add(query)
      return query as never
    },
  }
}

type Compile = QueryCompiler['compileQuery']

/** The same driver; its connections run only what `isCompiled`. Beginning and ending transactions is the driver's own. */
function guardedDriver(dialect: Dialect, isCompiled: (query: CompiledQuery) => boolean, { atBegin }: GuardOptions): Driver {
  const driver = dialect.createDriver()
  const compiler = dialect.createQueryCompiler()
  const compile: Compile = (node, queryId) => compiler.compileQuery(node, queryId)
  const bareOf = new WeakMap<DatabaseConnection, DatabaseConnection>()
  const inside = new WeakSet<DatabaseConnection>()
  const bare = (connection: DatabaseConnection): DatabaseConnection => bareOf.get(connection) ?? connection

  async function begin(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    await driver.beginTransaction(connection, settings)
    inside.add(connection)
    if (atBegin) await connection.executeQuery(atBegin)
  }

  async function end(connection: DatabaseConnection, how: 'commitTransaction' | 'rollbackTransaction'): Promise<void> {
    inside.delete(connection)
    await driver[how](connection)
  }

  async function inItsOwn<R>(connection: DatabaseConnection, query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      await begin(connection, {})
      const result = await connection.executeQuery<R>(query)
      await end(connection, 'commitTransaction')
      return result
    } catch (error) {
      if (inside.has(connection)) await end(connection, 'rollbackTransaction').catch(() => undefined)
      throw error
    }
  }

  function wrap(connection: DatabaseConnection): DatabaseConnection {
    const wrapped: DatabaseConnection = {
      async executeQuery<R>(query: CompiledQuery) {
        refuseForeign(isCompiled(query))
        if (atBegin && !inside.has(connection)) return await inItsOwn<R>(connection, query)
        return await connection.executeQuery<R>(query)
      },
      streamQuery(query, size, options) {
        refuseForeign(isCompiled(query))
        if (atBegin && !inside.has(connection)) throw misuse('Rows are streamed outside of a transaction.', 'Begin one.')
        return connection.streamQuery(query, size, options)
      },
    }
    bareOf.set(wrapped, connection)
    return wrapped
  }

  const { savepoint, rollbackToSavepoint, releaseSavepoint } = driver
  return {
    init: (options) => driver.init(options),
    acquireConnection: async (options) => wrap(await driver.acquireConnection(options)),
    beginTransaction: (connection, settings) => begin(bare(connection), settings),
    commitTransaction: (connection) => end(bare(connection), 'commitTransaction'),
    rollbackTransaction: (connection) => end(bare(connection), 'rollbackTransaction'),
    ...(savepoint && { savepoint: (connection, name) => savepoint.call(driver, bare(connection), name, compile) }),
    ...(rollbackToSavepoint && {
      rollbackToSavepoint: (connection, name) => rollbackToSavepoint.call(driver, bare(connection), name, compile),
    }),
    ...(releaseSavepoint && {
      releaseSavepoint: (connection, name) => releaseSavepoint.call(driver, bare(connection), name, compile),
    }),
    releaseConnection: (connection, options) => driver.releaseConnection(bare(connection), options),
    // The connections are Holdfast's, which closes them when it stops.
    destroy: async () => {},
  }
}

function refuseForeign(isOurs: boolean): void {
  if (!isOurs) throw misuse('A query that was compiled elsewhere cannot be looked at.', 'Build it with this database.')
}

/** What a query does that it may not, and what to write instead. */
export function misuse(what: string, fix: string): StoreError {
  return new StoreError('store-misuse', `${what} ${fix}`)
}
