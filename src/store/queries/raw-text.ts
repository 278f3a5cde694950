/** The text of a raw fragment, and whether it is no more than an expression: what stands beside it in a query must mean what it says. */
import { RawNode, type OperationNode } from 'kysely'

/** The fragments as they will stand beside each other, with `?` for what is no text of its own. */
export function rawText({ sqlFragments, parameters }: RawNode): string {
  return sqlFragments.flatMap((text, index) => [text, index < parameters.length ? textOf(parameters[index]!) : '']).join('')
}

function textOf(node: OperationNode): string {
  return RawNode.is(node) ? rawText(node) : ' ? '
}

/** Runs a text as a query, reads a table by its name, or names the tenant to policies of row-level security. */
const REACHING =
  /\b(?:(?:query|table|schema|database|cursor)_to_xml\w*|ts_stat|ts_rewrite|dblink\w*|crosstab\w*|connectby|xpath_table|set_config)\b/i

/** Whether functions of these names, or a text that names one, see more than the columns that they are given. PostgreSQL has them. */
export function reachesTables(text: string): boolean {
  return REACHING.test(text)
}

/** Why a fragment is more than an expression over the columns that the query names already; `undefined` when it is one. */
export function beyondExpression(text: string): string | undefined {
  if (/;|--|\/\*|\0/.test(text)) return 'ends a statement or begins a comment'
  if (/\b(?:select|table|values|insert|update|delete|merge|with|call|execute)\b/i.test(text)) return 'holds a query'
  // U&"\0068f_users" names a table that no search for it would find.
  if (/u&/i.test(text)) return 'holds an escaped name'
  if (reachesTables(text)) return 'calls a function that reads tables or names the tenant'
  for (const quoted of QUOTED) {
    const outside = outsideOfParentheses(text.replaceAll(quoted, ' x '))
    if (outside === undefined) return 'opens or closes what it does not close or open'
    // `x' , tenant_id = 'other` in SET, `true join notes on true` after ON, `text from notes` where no FROM follows.
    if (outside.includes(',')) return 'is a list, which could go on with something else'
    if (CLAUSE.test(outside.replaceAll(COMPARISON, ' = '))) return 'begins a clause'
  }
  return undefined
}

/** Texts and names, as PostgreSQL reads them, and as SQLite does, for which brackets are quotes as well. */
const QUOTED = [/'[^'\\$]*'|"[^"\\$]*"/g, /'[^'\\$]*'|"[^"\\$]*"|\[[^\]]*\]/g] as const
const CLAUSE = /\b(?:from|join|into|using|where|having|returning|set|union|intersect|except)\b/i
/** The one expression with such a word that stands without parentheses. */
const COMPARISON = /\bis\s+(?:not\s+)?distinct\s+from\b/gi

/** `undefined` where a bracket has no other one, or a quote stays open or is of a kind that reads a backslash or a tag. */
function outsideOfParentheses(bare: string): string | undefined {
  if (/['"`\\$]/.test(bare)) return undefined
  let depth = 0
  let outside = ''
  for (const char of bare) {
    if (char === '(' || char === '[') depth++
    else if (char !== ')' && char !== ']') outside += depth === 0 ? char : ''
    else if (--depth < 0) return undefined
  }
  return depth === 0 ? outside : undefined
}
