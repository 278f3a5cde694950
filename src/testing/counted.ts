/** Counts what a database is asked, so that "the same work" is proved by numbers and not by a watch. */
import type { RootOperationNode, TableNode } from 'kysely'
import type { Database, Statement } from '../store/database.ts'

const OUTBOX = 'hf_outbox'
/** What is written down after an answer, at its own time: no work of the answer. */
const AFTERWARDS = /\bhf_(?:audit|incident|response)/

export interface DatabaseCounts {
  query: number
  transaction: number
  /** Letters that were put down, or the same work without one; left out where nobody counts them. */
  letter?: number
}

/** The same database; every query, prepared or built, and every transaction is noted in `counts`. */
export function counted(database: Database, counts: DatabaseCounts): Database {
  const plugin = {
    transformQuery<T extends RootOperationNode>({ node }: { readonly node: T }): T {
      if (isAfterwards(node)) return node
      counts.query++
      if (counts.letter !== undefined && isLetter(node)) counts.letter++
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
      const note = () => void (AFTERWARDS.test(text) || counts.query++)
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

/** Who must not learn whether there is an account is written to, or a row that is not there is deleted: that is counted alike. */
function isLetter(node: RootOperationNode): boolean {
  if (node.kind === 'InsertQueryNode') return node.into?.table.identifier.name === OUTBOX
  if (node.kind !== 'DeleteQueryNode') return false
  const [from] = node.from.froms
  return from?.kind === 'TableNode' && (from as TableNode).table.identifier.name === OUTBOX
}

function isAfterwards(node: RootOperationNode): boolean {
  if (node.kind !== 'InsertQueryNode') return false
  const table = node.into?.table.identifier.name ?? ''
  return AFTERWARDS.test(table) && table !== 'hf_audit_intake'
}
