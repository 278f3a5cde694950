/** Statements that are put together from pieces and handed to a driver as text. */
import type { SourceRule } from '../source-rule.ts'
import { child, children, nameOf, type SourceTree, type SyntaxNode } from '../source-tree.ts'

/** Methods of pg, node:sqlite, mysql2, better-sqlite3, Knex, Prisma and of ours that take a statement as text. */
const TAKES_TEXT = new Set([
  ...['query', 'exec', 'execute', 'prepare', 'statement', 'run', 'all', 'get', 'each', 'raw', 'unsafe', 'executeSql'],
  ...['$queryRawUnsafe', '$executeRawUnsafe', 'executeMultiple'],
])
const STATEMENT =
  /^\s*(?:select|insert|update|delete|merge|replace|with|create|alter|drop|truncate|grant|set|call|pragma|explain)\b/i

export const builtSql: SourceRule = {
  id: 'HF-SQL-2',
  severity: 'high',
  title: 'A statement is put together from pieces and run as text.',
  why: 'A quote in one of the pieces ends the literal that it stands in, and the rest of it is read as SQL.',
  fix: 'Give values as parameters: Kysely, sql`… ${value} …`, or the placeholders of the driver.',
  cwe: 'CWE-89',
  asvs: '1.2.4',
  examples: {
    found: [
      "pool.query(`SELECT * FROM notes WHERE id = '${id}'`)",
      "database.exec('DELETE FROM notes WHERE id = ' + id)",
      'const text = `SELECT * FROM notes ORDER BY ${order}`\nawait client.query(text, [])',
      'client.query({ text: `SELECT ${columns} FROM notes`, values: [] })',
      "prisma.$queryRawUnsafe('SELECT * FROM notes WHERE id = ' + id)",
      "let text = ''\ndatabase.prepare('SELECT * FROM notes '.concat(text))",
    ],
    fine: [
      "pool.query('SELECT * FROM notes WHERE id = $1', [id])",
      "const TABLE = 'notes'\npool.query(`SELECT * FROM ${TABLE} WHERE id = $1`, [id])",
      'prisma.$queryRaw`SELECT * FROM notes WHERE id = ${id}`',
      'cache.get(`user ${id}`)',
      'element.query(`[data-id="${id}"]`)',
      "const KEEP = 7\ndatabase.exec('PRAGMA user_version = ' + KEEP)",
    ],
  },
  *find(tree) {
    for (const node of tree.nodes) {
      if (node.type !== 'CallExpression' || !TAKES_TEXT.has(nameOf(child(node, 'callee')) ?? '')) continue
      const [first] = children(node, 'arguments')
      const text = first && textIn(tree, first)
      if (text && isPieces(tree, text)) yield node
    }
  },
}

/** The text itself, or `text` and `sql` of an object that holds it. */
function textIn(tree: SourceTree, node: SyntaxNode): SyntaxNode {
  const found = tree.resolve(node)
  if (found.type !== 'ObjectExpression') return found
  const property = children(found, 'properties').find((one) => ['text', 'sql'].includes(nameOf(child(one, 'key')) ?? ''))
  const value = child(property, 'value')
  return value ? tree.resolve(value) : found
}

function isPieces(tree: SourceTree, text: SyntaxNode): boolean {
  return STATEMENT.test(beginningOf(tree, text)) && !tree.isFixed(text)
}

/** The fixed text at the beginning. */
function beginningOf(tree: SourceTree, node: SyntaxNode): string {
  if (node.type === 'Literal') return String(node['value'])
  if (node.type === 'TemplateLiteral')
    return String((children(node, 'quasis')[0]?.['value'] as { cooked?: string } | undefined)?.cooked)
  const left = node.type === 'BinaryExpression' ? child(node, 'left') : undefined
  const joined =
    node.type === 'CallExpression' && nameOf(child(node, 'callee')) === 'concat'
      ? child(child(node, 'callee'), 'object')
      : undefined
  const inner = left ?? joined
  return inner ? beginningOf(tree, tree.resolve(inner)) : ''
}
