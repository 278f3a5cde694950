/** Counts what a database is asked, so that "the same work" is proved by numbers and not by a watch. */
import type { Database, Statement } from '../store/database.ts'

export interface DatabaseCounts {
  query: number
  transaction: number
}

/** The same database; every query, prepared or built, and every transaction is noted in `counts`. */
export function counted(database: Database, counts: DatabaseCounts): Database {
  const plugin = {
    transformQuery<T>({ node }: { readonly node: T }): T {
      counts.query++
      return node
    },
    transformResult: async <T>({ result }: { readonly result: T }) => result,
  }
  return {
    ...database,
    dialect: database.dialect,
    kysely: database.kysely.withPlugin(plugin),
    statement<Row>(text: string): Statement<Row> {
      const inner = database.statement<Row>(text)
      const note = () => void counts.query++
      return {
        get: (...values) => (note(), inner.get(...values)),
        all: (...values) => (note(), inner.all(...values)),
        run: (...values) => (note(), inner.run(...values)),
      }
    },
    transaction(work) {
      counts.transaction++
      return database.transaction((tx) => work(tx.withPlugin(plugin)))
    },
  }
}
