/** Databases that lack one defence of links, addresses or limits, for attacks that no option lets in. See ./weak-store.ts. */
import { AndNode, WhereNode, type KyselyPlugin, type OperationNode, type RootOperationNode } from 'kysely'
import type { Database } from '../../src/store/database.ts'
import { sqlite } from '../../src/store/sqlite.ts'

/** Never looks whether a link is over. */
export function endlessLinks(): Database {
  return lacking('hf_links', 'expires_at')
}

/** Takes whoever has written an address down for its owner. */
export function ownersByClaim(): Database {
  return lacking('hf_addresses', 'verified_at')
}

/** Counts, and never says that it was enough. */
export function endlessRates(): Database {
  const inner = sqlite()
  const weaken = (text: string) => text.replace('WHERE hf_rate.tat <= ? RETURNING', 'WHERE hf_rate.tat <= ? OR 1 = 1 RETURNING')
  return { ...inner, statement: (text) => inner.statement(weaken(text)) }
}

/** Leaves every condition on that column out of queries of that table. */
function lacking(table: string, column: string): Database {
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => weakened(node, table, column),
    transformResult: ({ result }) => Promise.resolve(result),
  }
  const inner = sqlite()
  return {
    ...inner,
    kysely: inner.kysely.withPlugin(plugin),
    transaction: (work) => inner.transaction((tx) => work(tx.withPlugin(plugin))),
  }
}

function weakened<T extends RootOperationNode>(node: T, table: string, column: string): T {
  const where = 'where' in node ? node.where : undefined
  if (where === undefined || !('from' in node) || !JSON.stringify(node.from).includes(`"${table}"`)) return node
  const rest = leaveOut(where.where, `"${column}"`)
  return { ...node, where: rest && WhereNode.create(rest) }
}

function leaveOut(node: OperationNode, name: string): OperationNode | undefined {
  if (!AndNode.is(node)) return JSON.stringify(node).includes(name) ? undefined : node
  const [left, right] = [leaveOut(node.left, name), leaveOut(node.right, name)]
  return left && right ? AndNode.create(left, right) : (left ?? right)
}
