/** Text that Kysely writes into a query as it is: `sql.raw`, `sql.lit`, and `sql` called like a function. */
import type { SourceRule } from '../source-rule.ts'
import { child, children, nameOf, type SourceTree, type SyntaxNode } from '../source-tree.ts'

const UNBOUND = new Set(['raw', 'lit', 'literal'])

export const rawSql: SourceRule = {
  id: 'HF-SQL-1',
  severity: 'high',
  title: 'Text from elsewhere is written into a query: sql.raw, sql.lit, or sql called like a function.',
  why: 'sql.raw binds nothing: what is in the text becomes a part of the statement, and whoever chooses the text chooses the statement.',
  fix: 'Write sql`… ${value} …`, which binds it; for a name sql.ref or sql.id with one of a list that you wrote.',
  cwe: 'CWE-89',
  asvs: '1.2.4',
  examples: {
    found: [
      "import { sql } from 'kysely'\nsql.raw(request.query.order)",
      "import { sql as s } from 'kysely'\nconst order = `id ${direction}`\ns.raw(order)",
      "import * as kysely from 'kysely'\nkysely.sql.lit(name)",
      "import { sql } from 'kysely'\nconst { raw } = sql\nraw(text)",
      "import { sql } from 'kysely'\nsql([text])",
      "import { CompiledQuery } from 'kysely'\nCompiledQuery.raw('SELECT ' + columns)",
    ],
    fine: [
      "import { sql } from 'kysely'\nsql`SELECT * FROM notes WHERE id = ${id}`",
      "import { sql } from 'kysely'\nsql.raw('now()')",
      "import { sql } from 'kysely'\nconst ORDERS = { up: 'id asc', down: 'id desc' } as const\nsql.raw(ORDERS[asked])",
      "import { sql } from 'kysely'\nsql.ref(column)",
      "import { sql } from './my-own.ts'\nsql.raw(text)",
      "import { CompiledQuery } from 'kysely'\nCompiledQuery.raw('SELECT id FROM notes WHERE id = $1', [id])",
    ],
  },
  *find(tree) {
    const callees = calleesOf(tree)
    for (const node of tree.nodes) {
      if (node.type !== 'CallExpression' || !callees(node)) continue
      const [text] = children(node, 'arguments')
      if (text && !tree.isFixed(text)) yield node
    }
  },
}

/** Whether a call writes its first argument into a query as it is. */
function calleesOf(tree: SourceTree): (call: SyntaxNode) => boolean {
  const [tags, compiled, wholes] = [
    tree.imported('kysely', 'sql'),
    tree.imported('kysely', 'CompiledQuery'),
    tree.namespaces('kysely'),
  ]
  const is = (node: SyntaxNode | undefined, locals: ReadonlySet<string>, name: string): boolean => {
    if (node?.type === 'Identifier') return locals.has(nameOf(node)!)
    return node?.type === 'MemberExpression' && nameOf(node) === name && wholes.has(nameOf(child(node, 'object')) ?? '')
  }
  const taken = new Set(tree.nodes.flatMap((node) => takenFrom(node, (from) => is(from, tags, 'sql'))))
  return (call) => {
    const callee = child(call, 'callee')
    if (is(callee, tags, 'sql') || (callee?.type === 'Identifier' && taken.has(nameOf(callee)!))) return true
    if (callee?.type !== 'MemberExpression') return false
    const [of, name] = [child(callee, 'object'), nameOf(callee)]
    return (
      (is(of, tags, 'sql') && (name === undefined || UNBOUND.has(name))) || (is(of, compiled, 'CompiledQuery') && name === 'raw')
    )
  }
}

/** Local names in `const { raw, lit: literally } = sql`. */
function takenFrom(node: SyntaxNode, isTag: (from: SyntaxNode | undefined) => boolean): string[] {
  const pattern = node.type === 'VariableDeclarator' && isTag(child(node, 'init')) ? child(node, 'id') : undefined
  return children(pattern, 'properties').flatMap((property) => {
    const [key, value] = [nameOf(child(property, 'key')), nameOf(child(property, 'value'))]
    return key !== undefined && value !== undefined && UNBOUND.has(key) ? [value] : []
  })
}
