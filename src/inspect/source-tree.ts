/** The syntax of one file, with what several rules ask of it: its nodes, its imports, and which expressions are fixed texts. */

/** A node of ESTree, as oxc-parser gives it. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** A file that was parsed. */
export interface SourceTree {
  readonly file: string
  readonly text: string
  /** All nodes, each before those within it. */
  readonly nodes: readonly SyntaxNode[]
  /** Local names of what a module exports under that name: `sql` of kysely, also as `import { sql as s }`. */
  imported(module: string, name: string): ReadonlySet<string>
  /** Local names of whole modules: `import * as k from 'kysely'`. */
  namespaces(module: string): ReadonlySet<string>
  /** What stands there without brackets and types, and for a name that is bound once, as a constant, what it is bound to. */
  resolve(node: SyntaxNode): SyntaxNode
  /** Whether the value is written in this file: no text from elsewhere gets into it. */
  isFixed(node: SyntaxNode): boolean
}

/** Around an expression without changing it. */
const AROUND = ['ParenthesizedExpression', 'TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression', 'TSTypeAssertion']
const DEEPEST = 50

/** The node in a field, if there is one. */
export function child(node: SyntaxNode | undefined, field: string): SyntaxNode | undefined {
  const value = node?.[field]
  return isNode(value) ? value : undefined
}

/** The nodes in a field that holds a list. */
export function children(node: SyntaxNode | undefined, field: string): readonly SyntaxNode[] {
  const value = node?.[field]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** `name` of `a.name`, `a?.name` and `a['name']`, and of a name that stands alone. */
export function nameOf(node: SyntaxNode | undefined): string | undefined {
  if (node?.type === 'Identifier') return node['name'] as string
  if (node?.type !== 'MemberExpression') return undefined
  const property = child(node, 'property')
  if (node['computed'] !== true) return nameOf(property)
  return property?.type === 'Literal' && typeof property['value'] === 'string' ? property['value'] : undefined
}

/** From the root of what the parser gave. */
export function sourceTree(file: string, text: string, program: SyntaxNode): SourceTree {
  const nodes = [...walk(program)]
  const imports = nodes.filter(({ type }) => type === 'ImportDeclaration')
  const bound = bindings(nodes)

  const localsOf = (module: string, fits: (specifier: SyntaxNode) => boolean): ReadonlySet<string> =>
    new Set(
      imports
        .filter((node) => child(node, 'source')?.['value'] === module)
        .flatMap((node) => children(node, 'specifiers').filter(fits))
        .flatMap((specifier) => nameOf(child(specifier, 'local')) ?? []),
    )

  /** `const { sql } = require('kysely')`, and the same of `await import('kysely')`: the pattern, or the name of the whole. */
  const required = (module: string): readonly SyntaxNode[] =>
    nodes.flatMap((node) => {
      const made = node.type === 'VariableDeclarator' ? child(node, 'init') : undefined
      const call = made?.type === 'AwaitExpression' ? child(made, 'argument') : made
      const isRequire = call?.type === 'CallExpression' && nameOf(child(call, 'callee')) === 'require'
      const source = isRequire
        ? children(call, 'arguments')[0]
        : call?.type === 'ImportExpression'
          ? child(call, 'source')
          : undefined
      return source?.['value'] === module ? (child(node, 'id') ?? []) : []
    })
  const requiredAs = (module: string, name: string): readonly string[] =>
    required(module)
      .flatMap((pattern) => children(pattern, 'properties'))
      .flatMap((property) => (nameOf(child(property, 'key')) === name ? (nameOf(child(property, 'value')) ?? []) : []))

  function resolve(node: SyntaxNode, depth = 0): SyntaxNode {
    if (depth > DEEPEST) return node
    if (AROUND.includes(node.type)) return resolve(child(node, 'expression') ?? node, depth + 1)
    const value = node.type === 'Identifier' ? bound.get(node['name'] as string) : undefined
    return value ? resolve(value, depth + 1) : node
  }

  function isFixed(node: SyntaxNode, depth = 0): boolean {
    if (depth > DEEPEST) return false
    const found = resolve(node)
    const all = (some: readonly (SyntaxNode | undefined)[]) => some.every((one) => one !== undefined && isFixed(one, depth + 1))
    switch (found.type) {
      case 'Literal':
        return true
      case 'TemplateLiteral':
        return all(children(found, 'expressions'))
      case 'BinaryExpression':
        return all([child(found, 'left'), child(found, 'right')])
      case 'ConditionalExpression':
        return all([child(found, 'consequent'), child(found, 'alternate')])
      case 'MemberExpression':
        return isLookUp(found, (value) => isFixed(value, depth + 1))
      default:
        return false
    }
  }

  /** `ORDERS[asked]` of a list or record in which every value is fixed. */
  function isLookUp(node: SyntaxNode, fits: (value: SyntaxNode) => boolean): boolean {
    const object = child(node, 'object')
    const record = object && resolve(object)
    if (record?.type === 'ArrayExpression') return children(record, 'elements').every(fits)
    if (record?.type !== 'ObjectExpression') return false
    return children(record, 'properties').every((property) => {
      const value = property.type === 'Property' ? child(property, 'value') : undefined
      return value !== undefined && fits(value)
    })
  }

  return {
    ...{ file, text, nodes, resolve, isFixed },
    imported: (module, name) =>
      new Set([...localsOf(module, (specifier) => nameOf(child(specifier, 'imported')) === name), ...requiredAs(module, name)]),
    namespaces: (module) =>
      new Set([
        ...localsOf(module, ({ type }) => type === 'ImportNamespaceSpecifier'),
        ...required(module).flatMap((whole) => nameOf(whole) ?? []),
      ]),
  }
}

/** Constants whose name nothing else in the file has: another binding of it might be meant. */
function bindings(nodes: readonly SyntaxNode[]): ReadonlyMap<string, SyntaxNode> {
  const found = new Map<string, SyntaxNode>()
  const names = new Map<string, number>()
  const count = (name: string | undefined): void => void (name && names.set(name, (names.get(name) ?? 0) + 1))
  for (const node of nodes) {
    if (node.type === 'VariableDeclaration' && node['kind'] === 'const') {
      for (const one of children(node, 'declarations')) {
        const [name, value] = [nameOf(child(one, 'id')), child(one, 'init')]
        if (name !== undefined && value) found.set(name, value)
      }
    }
    for (const pattern of patternsOf(node))
      for (const { type, name } of walk(pattern)) if (type === 'Identifier') count(name as string)
  }
  for (const [name, times] of names) if (times > 1) found.delete(name)
  return found
}

/** Where a node binds names: declarations, parameters, and what is caught. */
function patternsOf(node: SyntaxNode): readonly SyntaxNode[] {
  const one = (field: string) => [child(node, field)].filter((found) => found !== undefined)
  if (node.type === 'VariableDeclarator') return one('id')
  if (node.type === 'CatchClause') return one('param')
  if (/Function/.test(node.type)) return [...one('id'), ...children(node, 'params')]
  return /^(?:Import.*Specifier|Class.*)$/.test(node.type) ? [...one('local'), ...one('id')] : []
}

function* walk(root: SyntaxNode): Generator<SyntaxNode> {
  const open = [root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    yield node
    const inner = Object.values(node).flat().filter(isNode)
    open.push(...inner.toReversed())
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}
