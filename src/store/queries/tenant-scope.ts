/**
 * Keeps every query within the rows of one tenant: what is read, changed, deleted or joined, in subqueries and common table
 * expressions too; what is inserted gets the tenant. What cannot be kept within is refused.
 * Sources: OWASP ASVS 5.0 8.4.1; OWASP Multi-Tenant Security Cheat Sheet; lesson L95.
 */
import {
  AliasNode,
  ListNode,
  OperationNodeTransformer,
  ParensNode,
  RawNode,
  SelectionNode,
  SelectQueryNode,
  TableNode,
  ValuesNode,
  type AggregateFunctionNode,
  type DeleteQueryNode,
  type FunctionNode,
  type InsertQueryNode,
  type JoinNode,
  type MergeQueryNode,
  type OperationNode,
  type RootOperationNode,
  type UpdateQueryNode,
  type WithNode,
} from 'kysely'
import { misuse } from './guarded-dialect.ts'
import { beyondExpression, rawText, reachesTables } from './raw-text.ts'
import { insertFor, refuseMoved } from './tenant-rows.ts'
import { withTenant, type Target } from './tenant-where.ts'

/** Which column of a table says whose a row is; `false`: the table is nobody's in particular. */
export type TenantColumns = Readonly<Record<string, string | false>>

const ROOTS = new Set(['SelectQueryNode', 'InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode'])

/** The query within that tenant, or a StoreError (`store-misuse`) that says what is in the way. */
export function scopeToTenant(query: RootOperationNode, tenant: string, columns: TenantColumns): RootOperationNode {
  if (!ROOTS.has(query.kind))
    throw misuse('A statement that is no built query cannot be kept within a tenant.', 'Build it, or use database().')
  return new TenantScope(tenant, columns).transformNode(query)
}

class TenantScope extends OperationNodeTransformer {
  readonly #tenant: string
  readonly #columns: TenantColumns
  /** Names of the common table expressions around the node that is looked at. */
  readonly #named: string[] = []

  constructor(tenant: string, columns: TenantColumns) {
    super()
    this.#tenant = tenant
    this.#columns = columns
  }

  protected override transformSelectQuery(node: SelectQueryNode): SelectQueryNode {
    return this.#among(node, (query) => this.#sources({ ...super.transformSelectQuery(query) }))
  }

  protected override transformUpdateQuery(node: UpdateQueryNode): UpdateQueryNode {
    return this.#among(node, (query) => {
      const inner = super.transformUpdateQuery(query)
      const target = this.#target(inner.table)
      if (target) refuseMoved(inner.updates, target.column)
      return withTenant(this.#sources({ ...inner }), target, this.#tenant)
    })
  }

  protected override transformDeleteQuery(node: DeleteQueryNode): DeleteQueryNode {
    return this.#among(node, (query) => {
      const { from, ...inner } = super.transformDeleteQuery(query)
      const target = this.#target(ListNode.create(from.froms))
      return withTenant({ ...this.#sources(inner), from } as DeleteQueryNode, target, this.#tenant)
    })
  }

  protected override transformInsertQuery(node: InsertQueryNode): InsertQueryNode {
    return this.#among(node, (query) => {
      const inner = super.transformInsertQuery(query)
      const target = this.#target(inner.into)
      return target ? insertFor(inner, target, this.#tenant) : inner
    })
  }

  protected override transformMergeQuery(_: MergeQueryNode): MergeQueryNode {
    throw misuse('MERGE cannot be kept within a tenant.', 'Insert with onConflict.')
  }

  protected override transformRaw(node: RawNode): RawNode {
    const why = beyondExpression(rawText(node))
    if (why !== undefined)
      throw misuse(`A raw fragment ${why}: ${rawText(node).trim().slice(0, 40)}`, 'Write an expression, or build it.')
    return this.#within(node)
  }

  /** Fragments in a fragment were looked at with it: alone, `a, b` of a call's arguments would be a list. */
  #within(node: RawNode): RawNode {
    const parameters = node.parameters.map((one) => (RawNode.is(one) ? this.#within(one) : this.transformNode(one)))
    return { ...node, parameters }
  }

  protected override transformFunction(node: FunctionNode): FunctionNode {
    refuseText(node.func)
    return super.transformFunction(node)
  }

  protected override transformAggregateFunction(node: AggregateFunctionNode): AggregateFunctionNode {
    refuseText(node.func)
    return super.transformAggregateFunction(node)
  }

  /** A common table expression is known to those behind it, and to itself where all are recursive. Before that its name is a table's. */
  #among<Query extends { readonly with?: WithNode }>(node: Query, work: (query: Query) => Query): Query {
    const { with: own, ...rest } = node
    if (own === undefined) return work(node)
    const names = own.expressions.map(({ name }) => name.table.table.identifier.name)
    const taken = names.find((name) => Object.hasOwn(this.#columns, name))
    if (taken !== undefined)
      throw misuse(`A common table expression has the name of the table "${taken}".`, 'Give it another one.')
    const before = this.#named.length
    try {
      if (own.recursive === true) this.#named.push(...names)
      const expressions = own.expressions.map((expression, index) => {
        const inner = this.transformNode(expression)
        if (own.recursive !== true) this.#named.push(names[index]!)
        return inner
      })
      return { ...work(rest as Query), with: { ...own, expressions } }
    } finally {
      this.#named.length = before
    }
  }

  /** What rows are read from: each table of tenants becomes its own tenant's part of it. */
  #sources<Query extends Partial<Pick<SelectQueryNode, 'from' | 'joins'> & Pick<DeleteQueryNode, 'using'>>>(query: Query): Query {
    const { from, joins, using } = query
    return {
      ...query,
      ...(from && { from: { ...from, froms: from.froms.map((one) => this.#source(one)) } }),
      ...(joins && { joins: joins.map((join): JoinNode => ({ ...join, table: this.#source(join.table) })) }),
      ...(using && { using: { ...using, tables: using.tables.map((one) => this.#source(one)) } }),
    }
  }

  #source(node: OperationNode): OperationNode {
    const [inner, alias] = AliasNode.is(node) ? [node.node, node.alias] : [node, undefined]
    if (SelectQueryNode.is(inner) || ValuesNode.is(inner)) return node
    if (ParensNode.is(inner) && SelectQueryNode.is(inner.node)) return node
    if (!TableNode.is(inner))
      throw misuse('Rows come from something that is no table and no built query.', 'Name a table, or build it.')
    const column = this.#columnOf(inner)
    if (column === false) return node
    const rows = SelectQueryNode.cloneWithSelections(SelectQueryNode.createFrom([inner]), [SelectionNode.createSelectAll()])
    return AliasNode.create(withTenant(rows, { table: inner, column }, this.#tenant), alias ?? inner.table.identifier)
  }

  /** The table that is written, when its rows are of tenants. */
  #target(node: OperationNode | undefined): Target | undefined {
    const [only, ...more] = node && ListNode.is(node) ? node.items : [node]
    const [inner, alias] = only && AliasNode.is(only) ? [only.node, only.alias] : [only, undefined]
    if (!inner || more.length > 0 || !TableNode.is(inner)) throw misuse('More than one table, or none, is written.', 'Write one.')
    const column = this.#columnOf(inner)
    if (column === false) return undefined
    const name = alias as { readonly name?: string } | undefined
    return { table: name?.name === undefined ? inner : TableNode.create(name.name), column }
  }

  #columnOf({ table }: TableNode): string | false {
    const { name } = table.identifier
    if (Object.hasOwn(this.#columns, name)) return this.#columns[name]!
    if (table.schema === undefined && this.#named.includes(name)) return false
    throw misuse(`The table "${name}" was not declared.`, 'Name its column of the tenant where the scope is made, or false.')
  }
}

/** Kysely writes names of functions as they are. */
function refuseText(name: string): void {
  if (!/^[a-z_][\w.]*$/i.test(name)) throw misuse(`"${name.slice(0, 40)}" is no name of a function.`, 'Write its name alone.')
  if (reachesTables(name)) throw misuse(`"${name}" reads tables or names the tenant.`, 'Build the query.')
}
