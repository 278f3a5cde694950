/** The condition that a row belongs to the tenant, beside what a query asks for already. */
import {
  AndNode,
  BinaryOperationNode,
  ColumnNode,
  OperatorNode,
  ParensNode,
  ReferenceNode,
  ValueNode,
  WhereNode,
  type OperationNode,
  type TableNode,
} from 'kysely'

/** A table, under the name that it has in the query, and its column. */
export interface Target {
  readonly table: TableNode
  readonly column: string
}

export function isTenants({ table, column }: Target, tenant: string): OperationNode {
  const reference = ReferenceNode.create(ColumnNode.create(column), table)
  return BinaryOperationNode.create(reference, OperatorNode.create('='), ValueNode.create(tenant))
}

/** Both conditions; parentheses, because a raw one may hold an OR. */
export function both(asked: WhereNode | undefined, own: OperationNode): WhereNode {
  return WhereNode.create(asked ? AndNode.create(ParensNode.create(asked.where), own) : own)
}

export function withTenant<Query extends { readonly where?: WhereNode }>(
  query: Query,
  target: Target | undefined,
  tenant: string,
): Query {
  return target ? { ...query, where: both(query.where, isTenants(target, tenant)) } : query
}
