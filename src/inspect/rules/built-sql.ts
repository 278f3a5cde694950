/** Statements that are put together from pieces and handed to a driver as text. */
import type { SourceRule } from '../source-rule.ts'
import { child, children, nameOf, type SourceTree, type SyntaxNode } from '../source-tree.ts'

/** Methods of pg, node:sqlite, mysql2, better-sqlite3, Knex, Prisma and of ours that take a statement as text. */
const TAKES_TEXT = new Set([
  ...['query', 'exec', 'execute', 'prepare', 'statement', 'run', 'all', 'get', 'each', 'raw', 'unsafe', 'executeSql'],
  ...['$queryRawUnsafe', '$executeRawUnsafe', 'executeMultiple'],
])
const STATEMENT =
  /^(?:\s|\(|--[^\n]*\n|\/\*[^*]*\*\/)*(?:select|insert|update|delete|merge|replace|with|create|alter|drop|truncate|grant|set|call|pragma|explain)\b/i

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
      "let text = 'SELECT * FROM notes'\nif (by) text += ` ORDER BY ${by}`\npool.query(text)",
      "let text = 'SELECT * FROM notes'\ntext = text + by\npool.query(text)",
      "pool.query(['SELECT * FROM notes WHERE id =', id].join(' '))",
      "pool.query('SELECT * FROM notes WHERE id = %s'.replace('%s', id))",
      "pool.query(all ? 'SELECT * FROM notes' : 'SELECT * FROM notes WHERE id = ' + id)",
      'pool.query(`/* notes */ (SELECT * FROM notes WHERE id = ${id})`)',
    ],
    fine: [
      "pool.query('SELECT * FROM notes WHERE id = $1', [id])",
      "const TABLE = 'notes'\npool.query(`SELECT * FROM ${TABLE} WHERE id = $1`, [id])",
      'prisma.$queryRaw`SELECT * FROM notes WHERE id = ${id}`',
      'cache.get(`user ${id}`)',
      'element.query(`[data-id="${id}"]`)',
      "const KEEP = 7\ndatabase.exec('PRAGMA user_version = ' + KEEP)",
      "let text = 'SELECT * FROM notes'\nif (sorted) text += ' ORDER BY id'\ntext = text + ' LIMIT 9'\npool.query(text)",
      "pool.query(all ? 'SELECT * FROM notes' : 'SELECT id FROM notes')",
    ],
  },
  *find(tree) {
    for (const node of tree.nodes) {
      if (node.type !== 'CallExpression' || !TAKES_TEXT.has(nameOf(child(node, 'callee')) ?? '')) continue
      const [first] = children(node, 'arguments')
      const text = first && textIn(tree, first)
      if (text && textsOf(tree, text).some((one) => isPieces(tree, one))) yield node
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

/** What it may be: either side of a choice. */
function textsOf(tree: SourceTree, text: SyntaxNode): readonly SyntaxNode[] {
  if (text.type !== 'ConditionalExpression') return [text]
  return ['consequent', 'alternate'].flatMap((side) => {
    const one = child(text, side)
    return one ? textsOf(tree, tree.resolve(one)) : []
  })
}

function isPieces(tree: SourceTree, text: SyntaxNode): boolean {
  if (text.type === 'Identifier') return isGrown(tree, nameOf(text)!)
  return STATEMENT.test(beginningOf(tree, text)) && !tree.isFixed(text)
}

/** `let text = 'SELECT …'` that other texts are put behind of. A name that stands for two things in the file is left alone. */
function isGrown(tree: SourceTree, name: string): boolean {
  const declared = tree.nodes.filter((node) => node.type === 'VariableDeclarator' && nameOf(child(node, 'id')) === name)
  const begun = declared.length === 1 ? child(declared[0], 'init') : undefined
  if (!begun || !STATEMENT.test(beginningOf(tree, begun))) return false
  const assigned = tree.nodes.flatMap((node) => {
    if (
      node.type !== 'AssignmentExpression' ||
      nameOf(child(node, 'left')) !== name ||
      child(node, 'left')?.type !== 'Identifier'
    )
      return []
    return child(node, 'right') ?? []
  })
  return [begun, ...assigned].some((piece) => !isFixedBut(tree, piece, name))
}

/** `text + ' ORDER BY id'` is as fixed as `text` was. */
function isFixedBut(tree: SourceTree, node: SyntaxNode, name: string): boolean {
  if (node.type === 'Identifier' && nameOf(node) === name) return true
  if (node.type !== 'BinaryExpression') return tree.isFixed(node)
  return ['left', 'right'].every((side) => isFixedBut(tree, child(node, side)!, name))
}

/** Calls that put pieces into the text that they are called on. */
const GROWING = new Set(['concat', 'join', 'replace', 'replaceAll'])

/** The fixed text at the beginning. */
function beginningOf(tree: SourceTree, node: SyntaxNode): string {
  if (node.type === 'Literal') return String(node['value'])
  if (node.type === 'TemplateLiteral')
    return String((children(node, 'quasis')[0]?.['value'] as { cooked?: string } | undefined)?.cooked)
  const left = node.type === 'BinaryExpression' ? child(node, 'left') : undefined
  const joined =
    node.type === 'CallExpression' && GROWING.has(nameOf(child(node, 'callee')) ?? '')
      ? child(child(node, 'callee'), 'object')
      : undefined
  if (node.type === 'ArrayExpression')
    return children(node, 'elements')
      .slice(0, 1)
      .map((one) => beginningOf(tree, one))
      .join('')
  const inner = left ?? joined
  return inner ? beginningOf(tree, tree.resolve(inner)) : ''
}
