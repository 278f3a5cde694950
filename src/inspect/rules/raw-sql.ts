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
      "import { RawNode } from 'kysely'\nRawNode.createWithSql(text)",
      "import { sql } from 'kysely'\nconst raw = sql.raw\nraw(text)",
      "import { sql } from 'kysely'\nsql.raw.call(sql, text)",
      "import { sql } from 'kysely'\ntexts.map(sql.raw)",
      "import { sql } from 'kysely'\nconst s = sql\ns.raw(text)",
      "const { sql } = require('kysely')\nsql.raw(text)",
      "const { sql: s } = await import('kysely')\ns.raw(text)",
      "const kysely = require('kysely')\nkysely.sql.raw(text)",
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
    const isUnbound = unboundOf(tree)
    // A fixed text given to it at once is fine. Handed on (`const raw = sql.raw`, `texts.map(sql.raw)`), nobody sees what it gets.
    const fine = new Set(
      tree.nodes.flatMap((node) => {
        const [text] = node.type === 'CallExpression' ? children(node, 'arguments') : []
        return text && tree.isFixed(text) ? [child(node, 'callee')] : []
      }),
    )
    const called = new Set(tree.nodes.flatMap((node) => (node.type === 'CallExpression' ? [child(node, 'callee')] : [])))
    for (const node of tree.nodes) {
      const call = node.type === 'CallExpression' ? child(node, 'callee') : undefined
      if (call && isUnbound(call) && !fine.has(call) && children(node, 'arguments').length > 0) yield node
      else if (node.type === 'MemberExpression' && nameOf(node) !== 'sql' && !called.has(node) && isUnbound(node)) yield node
    }
  },
}

/** Whether what stands there writes its first argument into a query as it is. */
function unboundOf(tree: SourceTree): (node: SyntaxNode) => boolean {
  const wholes = tree.namespaces('kysely')
  const is = (node: SyntaxNode | undefined, name: string): boolean => {
    const found = node && tree.resolve(node)
    if (found?.type === 'Identifier') return tree.imported('kysely', name).has(nameOf(found)!)
    return found?.type === 'MemberExpression' && nameOf(found) === name && wholes.has(nameOf(child(found, 'object')) ?? '')
  }
  const taken = new Set(tree.nodes.flatMap((node) => takenFrom(node, (from) => is(from, 'sql'))))
  return (node) => {
    if (node.type === 'Identifier') return is(node, 'sql') || taken.has(nameOf(node)!)
    if (node.type !== 'MemberExpression') return false
    const [of, name] = [child(node, 'object'), nameOf(node)]
    if (is(of, 'CompiledQuery')) return name === 'raw'
    if (is(of, 'RawNode')) return name === 'createWithSql'
    return is(node, 'sql') || (is(of, 'sql') && (name === undefined || UNBOUND.has(name)))
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
