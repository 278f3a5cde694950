/**
 * Finds out where in a page each value of a template stands: a small state machine over the literal parts.
 *
 * Stops the holes that escaping leaves (CWE-79): an unquoted value that ends at a space, a script, a style, a comment, a name, an
 * event handler, a `javascript:` link. Those places are refused when the template is first used, so a test that renders the page
 * once has found them.
 *
 * Source: OWASP XSS Prevention Cheat Sheet, "Dangerous contexts".
 */
import { attributeRule, takesFragments } from './names.ts'
import { newScanner, readLiteral, refusal, type Scanner, type State } from './tokenizer.ts'
import { judgeUrlContinuation, judgeUrlPrefix } from './url.ts'

/** What may be put at one place: `fillerOf` in `html.ts` says how. */
export type Place = 'text' | 'plain-text' | 'value' | 'url' | 'code-url' | 'attributes'

/** The states in which a value may stand, under conditions. */
type OpenState = 'text' | 'plain-text' | 'attributes' | 'after-name' | 'double-quoted' | 'single-quoted'

const refusals: Readonly<Record<Exclude<State, OpenState>, string>> = {
  raw: 'its text runs as code or is not read as markup; put data into a data- attribute or into an element',
  'tag-open': 'a value cannot name an element, or a literal < needs &lt;',
  'tag-name': 'a value cannot name an element',
  'attribute-name': 'a value cannot name an attribute; use attributes({…})',
  'before-value': 'put the value in quotes',
}

/**
 * Returns the place of each value, in order: one fewer than there are `literals`.
 * Throws `TypeError` when a value stands where escaping is not enough, when a literal is malformed in a way browsers read
 * differently, and when the template ends inside a tag, a comment or an element without markup.
 */
export function scan(literals: readonly string[]): Place[] {
  const scanner = newScanner()
  const places: Place[] = []
  for (const [index, literal] of literals.entries()) {
    readLiteral(scanner, literal)
    if (index < literals.length - 1) places.push(placeOf(scanner, literal))
  }
  if (scanner.state !== 'text') {
    throw refusal(scanner, `the template ends inside ${nameOf(scanner)}: a template is made of whole tags`)
  }
  return places
}

function placeOf(scanner: Scanner, literal: string): Place {
  const { state } = scanner
  if (state === 'text') return 'text'
  if (state === 'plain-text') return placeOfPlainText(scanner, literal)
  if (state === 'attributes' || state === 'after-name') return placeOfFragment(scanner)
  if (state === 'double-quoted' || state === 'single-quoted') return placeOfValue(scanner)
  throw refusal(scanner, `no value may stand inside ${nameOf(scanner)}: ${refusals[state]}`)
}

/** `</ti${''}tle>` would close the element for the browser and not for us. */
function placeOfPlainText(scanner: Scanner, literal: string): Place {
  if (/<\/?[a-z]*$/i.test(literal.slice(-16))) throw refusal(scanner, 'a value cannot be part of a closing tag')
  return 'plain-text'
}

function placeOfFragment(scanner: Scanner): Place {
  if (scanner.closing) throw refusal(scanner, 'a closing tag has no attributes')
  if (!scanner.spaced) throw refusal(scanner, 'leave white space before a fragment of attributes')
  if (!takesFragments(scanner.element)) {
    throw refusal(scanner, 'write the attributes of this element out: one decides what another one means')
  }
  scanner.state = 'attributes'
  scanner.afterFragment = true
  return 'attributes'
}

function placeOfValue(scanner: Scanner): Place {
  const { element, attribute } = scanner
  const rule = attributeRule(element, attribute)
  if (typeof rule === 'object') throw refusal(scanner, `no value may stand in the attribute ${attribute}: ${rule.refused}`)
  if (element === 'meta' && attribute === 'content') scanner.metaContent = true
  if (rule === 'value' || scanner.settled) return 'value'

  const judge = scanner.open ? judgeUrlContinuation : judgeUrlPrefix
  const prefix = judge(scanner.literal, rule === 'code-url')
  if (prefix === 'refused') throw refusal(scanner, `the text before the value in ${attribute} leaves open where it leads`)
  if (prefix === 'settled') {
    scanner.settled = true
    return 'value'
  }
  if (scanner.open || scanner.literal.trim() !== '') {
    throw refusal(scanner, `begin ${attribute} with the value, or settle the scheme with literal text such as /`)
  }
  scanner.open = true
  scanner.literal = ''
  return rule
}

function nameOf(scanner: Scanner): string {
  if (scanner.state === 'raw' || scanner.state === 'plain-text') return `<${scanner.element}>`
  return scanner.element === '' ? 'a tag' : `the tag <${scanner.element}`
}
