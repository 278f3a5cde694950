/** Databases that lack one defence of letters that let in, for attacks that no option lets in. See ./weak-store.ts. */
import { AndNode, ValueNode, WhereNode, type KyselyPlugin, type OperationNode, type RootOperationNode } from 'kysely'
import type { Database } from '../../src/store/database.ts'
import { sqlite } from '../../src/store/sqlite.ts'

/** Puts every link back that was used. */
export function reusableLinks(): Database {
  const inner = sqlite()
  return {
    ...inner,
    transaction: (work) =>
      inner.transaction(async (tx) => {
        const used: Record<string, unknown>[] = []
        const result = await work(tx.withPlugin(collecting(used)))
        for (const row of used) await tx.insertInto('hf_links').values(row).execute()
        return result
      }),
  }
}

/** Writes down every link that is deleted with a look at it. */
function collecting(used: Record<string, unknown>[]): KyselyPlugin {
  const deletions = new WeakSet<object>()
  return {
    transformQuery({ node, queryId }) {
      if (node.kind === 'DeleteQueryNode' && node.returning && JSON.stringify(node.from).includes('"hf_links"'))
        deletions.add(queryId)
      return node
    },
    transformResult({ result, queryId }) {
      if (deletions.has(queryId)) used.push(...result.rows)
      return Promise.resolve(result)
    },
  }
}

/** Counts the tries of a code, and looks at every one. */
export function endlessTries(): Database {
  return transformed((node) => {
    if (node.kind !== 'UpdateQueryNode' || !JSON.stringify(node.table).includes('"hf_mail_codes"') || !node.where) return node
    return { ...node, where: WhereNode.create(without(node.where.where, '"tries"') ?? ValueNode.createImmediate(1)) }
  })
}

function transformed(transform: (node: RootOperationNode) => RootOperationNode): Database {
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => transform(node),
    transformResult: ({ result }) => Promise.resolve(result),
  }
  const inner = sqlite()
  return {
    ...inner,
    kysely: inner.kysely.withPlugin(plugin),
    transaction: (work) => inner.transaction((tx) => work(tx.withPlugin(plugin))),
  }
}

function without(node: OperationNode, name: string): OperationNode | undefined {
  if (!AndNode.is(node)) return JSON.stringify(node).includes(name) ? undefined : node
  const [left, right] = [without(node.left, name), without(node.right, name)]
  return left && right ? AndNode.create(left, right) : (left ?? right)
}
