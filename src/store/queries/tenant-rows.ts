/** Rows that are written belong to the tenant: each new one gets it, none is moved, and none of another tenant is written over. */
import {
  AliasNode,
  ColumnNode,
  DefaultInsertValueNode,
  IdentifierNode,
  PrimitiveValueListNode,
  SelectionNode,
  SelectQueryNode,
  ValueListNode,
  ValueNode,
  ValuesNode,
  type ColumnUpdateNode,
  type InsertQueryNode,
  type OperationNode,
  type ValuesItemNode,
} from 'kysely'
import { misuse } from './guarded-dialect.ts'
import { both, isTenants, type Target } from './tenant-where.ts'

/** Refuses changes of the column itself, and of what cannot be seen not to be it. */
export function refuseMoved(updates: readonly ColumnUpdateNode[] | undefined, column: string): void {
  for (const { column: changed } of updates ?? []) {
    const name = ColumnNode.is(changed) ? changed.column.name : undefined
    if (name === undefined || name.toLowerCase() === column.toLowerCase())
      throw misuse('A row is moved to another tenant, or it cannot be seen that it is not.', `Leave "${column}" as it is.`)
  }
}

/** The same INSERT with the tenant in every row. */
export function insertFor(query: InsertQueryNode, target: Target, tenant: string): InsertQueryNode {
  const { replace, orAction, onDuplicateKey, defaultValues, values, columns } = query
  if (replace || orAction?.action === 'replace' || onDuplicateKey)
    throw misuse('A row of another tenant could be written over.', 'Use onConflict.')
  if (defaultValues || values === undefined || columns === undefined)
    throw misuse('It cannot be seen which columns are inserted.', 'Name them.')
  const names = columns.map(({ column }) => column.name.toLowerCase())
  const index = names.indexOf(target.column.toLowerCase())
  const own = ColumnNode.create(target.column)
  return {
    ...query,
    columns: index === -1 ? [...columns, own] : columns,
    values: index === -1 ? withColumn(values, tenant) : checked(values, index, tenant),
    ...conflict(query, target, tenant),
  }
}

/** A conflict may be with a row of another tenant: that one stays as it is. */
function conflict({ onConflict }: InsertQueryNode, target: Target, tenant: string): Pick<InsertQueryNode, 'onConflict'> {
  if (onConflict?.updates === undefined) return {}
  refuseMoved(onConflict.updates, target.column)
  return { onConflict: { ...onConflict, updateWhere: both(onConflict.updateWhere, isTenants(target, tenant)) } }
}

function withColumn(values: OperationNode, tenant: string): OperationNode {
  if (ValuesNode.is(values)) return ValuesNode.create(values.values.map((row) => appended(row, tenant)))
  if (!SelectQueryNode.is(values) || values.setOperations !== undefined || values.selections === undefined)
    throw misuse('It cannot be seen which rows are inserted.', 'Give values, or one built SELECT with its columns.')
  const own = AliasNode.create(ValueNode.create(tenant), IdentifierNode.create('own_tenant'))
  return { ...values, selections: [...values.selections, SelectionNode.create(own)] } as SelectQueryNode
}

function appended(row: ValuesItemNode, tenant: string): ValuesItemNode {
  return PrimitiveValueListNode.is(row)
    ? PrimitiveValueListNode.create([...row.values, tenant])
    : ValueListNode.create([...row.values, ValueNode.create(tenant)])
}

/** The column was named: then each row says this tenant, or nothing. */
function checked(values: OperationNode, index: number, tenant: string): OperationNode {
  if (!ValuesNode.is(values)) throw misuse('The tenant of the rows comes from a query.', 'Leave that column out.')
  return ValuesNode.create(values.values.map((row) => checkedRow(row, index, tenant)))
}

function checkedRow(row: ValuesItemNode, index: number, tenant: string): ValuesItemNode {
  if (PrimitiveValueListNode.is(row)) {
    if (row.values[index] !== tenant) refuseOther()
    return row
  }
  const given = row.values[index]!
  if (DefaultInsertValueNode.is(given)) return ValueListNode.create(row.values.with(index, ValueNode.create(tenant)))
  if (!ValueNode.is(given) || given.value !== tenant) refuseOther()
  return row
}

function refuseOther(): never {
  throw misuse('A row is inserted for another tenant.', 'Leave its column out: it is filled in.')
}
