/** The text of a raw fragment, and whether it is no more than an expression: what stands beside it in a query must mean what it says. */
import { RawNode, type OperationNode } from 'kysely'

/** The fragments as they will stand beside each other, with `?` for what is no text of its own. */
export function rawText({ sqlFragments, parameters }: RawNode): string {
  return sqlFragments.flatMap((text, index) => [text, index < parameters.length ? textOf(parameters[index]!) : '']).join('')
}

function textOf(node: OperationNode): string {
  return RawNode.is(node) ? rawText(node) : ' ? '
}

/** Why a fragment is more than an expression over the columns that the query names already; `undefined` when it is one. */
export function beyondExpression(text: string): string | undefined {
  if (/;|--|\/\*|\0/.test(text)) return 'ends a statement or begins a comment'
  if (/\b(?:select|table|values|insert|update|delete|merge|with|call|execute)\b/i.test(text)) return 'holds a query'
  // U&"\0068f_users" names a table that no search for it would find.
  if (/u&/i.test(text)) return 'holds an escaped name'
  if (!isBalanced(text)) return 'opens or closes what it does not close or open'
  return undefined
}

/** Outside of quotes each parenthesis has its other one; no quote stays open, and none is of the kinds that read a backslash or a tag. */
function isBalanced(text: string): boolean {
  const bare = text.replaceAll(/'[^'\\$]*'|"[^"\\$]*"/g, '')
  if (/['"`\\$]/.test(bare)) return false
  let depth = 0
  for (const char of bare) {
    if (char === '(') depth++
    if (char === ')' && --depth < 0) return false
  }
  return depth === 0
}
