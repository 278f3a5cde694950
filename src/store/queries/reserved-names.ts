/** Keeps queries of the application away from Holdfast's own tables and functions: those are reached through accounts, which look first. */
import {
  OperationNodeTransformer,
  type AggregateFunctionNode,
  type FunctionNode,
  type IdentifierNode,
  type RawNode,
  type RootOperationNode,
} from 'kysely'
import { misuse } from './guarded-dialect.ts'
import { rawText } from './raw-text.ts'

/** All of ours begin so; SQLite reads names in any case. */
const OURS = /^hf_/i
/** In text that was not taken apart: also after a quote, a dot, or as an escape that hides the letters. */
const WITHIN = /\bhf_|u&"/i

/** Gives the query back, or throws a StoreError (`store-misuse`) where it names something of ours. */
export function refuseReserved(query: RootOperationNode): RootOperationNode {
  return new ReservedNames().transformNode(query)
}

class ReservedNames extends OperationNodeTransformer {
  protected override transformIdentifier(node: IdentifierNode): IdentifierNode {
    if (OURS.test(node.name)) refuse(node.name)
    return node
  }

  protected override transformRaw(node: RawNode): RawNode {
    const text = rawText(node)
    if (WITHIN.test(text)) refuse(text.trim().slice(0, 40))
    return super.transformRaw(node)
  }

  protected override transformFunction(node: FunctionNode): FunctionNode {
    if (WITHIN.test(node.func)) refuse(node.func)
    return super.transformFunction(node)
  }

  protected override transformAggregateFunction(node: AggregateFunctionNode): AggregateFunctionNode {
    if (WITHIN.test(node.func)) refuse(node.func)
    return super.transformAggregateFunction(node)
  }
}

function refuse(name: string): never {
  throw misuse(`"${name}" is Holdfast's own.`, 'Ask holdfast.accounts: there it is looked at who may, and others are told.')
}
