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
import { placeInCss } from './css.ts'
import { newScanner, refusal, type Edit, type Scanner, type State } from './scanner.ts'
import { placeInScript } from './script.ts'
import { placeInSrcset, SRCSET_MARKS } from './srcset.ts'
import { beginValue, readLiteral } from './tokenizer.ts'
import { judgeUrlContinuation, judgeUrlPrefix } from './url.ts'

/** What may be put at one place: `fillers.ts` says how. */
export type Place =
  | 'text'
  | 'plain-text'
  | 'nothing'
  | 'value'
  | 'url'
  | 'code-url'
  | 'attributes'
  | keyof typeof SRCSET_MARKS
  | 'css'
  | 'css-string'
  | 'script'
  | 'json'
  | 'script-string'

/** A template that was read: the place of each value, and what is written differently. */
export interface Scan {
  readonly places: readonly Place[]
  readonly edits: readonly Edit[]
}

/** A refusal, with the number of the value before which it came to it, counted from 1. */
export class TemplateRefusal extends TypeError {
  readonly value: number

  constructor(message: string, value: number) {
    super(message)
    this.value = value
  }
}

/** The states in which a value may stand, under conditions. */
type OpenState = Exclude<State, 'raw' | 'tag-open' | 'tag-name' | 'attribute-name'>

const refusals: Readonly<Record<Exclude<State, OpenState>, string>> = {
  raw: 'its text is not read as markup; put data into a data- attribute or into an element',
  'tag-open': 'a value cannot name an element, or a literal < needs &lt;',
  'tag-name': 'a value cannot name an element',
  'attribute-name': 'a value cannot name an attribute; use attributes({…})',
}

/**
 * Returns the place of each value, in order: one fewer than there are `literals`.
 * Throws `TemplateRefusal` when a value stands where escaping is not enough, when a literal is malformed in a way browsers read
 * differently, and when the template ends inside a tag, a comment or an element without markup.
 */
export function scan(literals: readonly string[]): Scan {
  const scanner = newScanner()
  const places: Place[] = []
  try {
    for (const [index, literal] of literals.entries()) {
      scanner.index = index
      readLiteral(scanner, literal)
      if (index < literals.length - 1) places.push(placeOf(scanner, literal))
    }
    if (scanner.state === 'text') return { places, edits: scanner.edits }
    throw refusal(scanner, `the template ends inside ${nameOf(scanner)}: a template is made of whole tags`)
  } catch (error) {
    if (error instanceof TypeError) throw new TemplateRefusal(error.message, scanner.index + 1)
    throw error
  }
}

function placeOf(scanner: Scanner, literal: string): Place {
  const { state } = scanner
  if (state === 'text') return 'text'
  if (state === 'comment') return 'nothing'
  if (state === 'plain-text') return placeOfPlainText(scanner, literal)
  if (state === 'attributes' || state === 'after-name') return placeOfFragment(scanner)
  if (state === 'before-value') beginValue(scanner, 'unquoted', literal.length)
  if (state === 'before-value' || state === 'unquoted') scanner.needsQuotes = true
  if (state === 'before-value' || state === 'unquoted' || state.endsWith('-quoted')) return placeOfValue(scanner, literal)
  if (state === 'raw') return placeOfRaw(scanner, literal)
  throw refusal(scanner, `no value may stand inside ${nameOf(scanner)}: ${refusals[state as keyof typeof refusals]}`)
}

function placeOfRaw(scanner: Scanner, literal: string): Place {
  const { css, script } = scanner
  if (!css && !script) throw refusal(scanner, `no value may stand inside ${nameOf(scanner)}: ${refusals.raw}`)
  // What is left when the value is nothing must not be `</script>` or `<!--`.
  if (/<[!/]?[a-z-]*$/i.test(literal.slice(-16))) throw refusal(scanner, 'a value cannot be part of a tag')
  return allowed(scanner, css ? placeInCss(css) : placeInScript(script!))
}

function allowed(scanner: Scanner, place: Place | { readonly refused: string }): Place {
  if (typeof place === 'object') throw refusal(scanner, `no value may stand inside ${nameOf(scanner)} here: ${place.refused}`)
  return place
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

function placeOfValue(scanner: Scanner, literal: string): Place {
  const { element, attribute } = scanner
  if (/<\/[a-z]*$/i.test(literal.slice(-16))) throw refusal(scanner, 'a value cannot be part of a closing tag')
  const rule = attributeRule(element, attribute)
  if (typeof rule === 'object') throw refusal(scanner, `no value may stand in the attribute ${attribute}: ${rule.refused}`)
  if (element === 'meta' && attribute === 'content') scanner.metaContent = true
  if (rule === 'css') return allowed(scanner, placeInCss(scanner.css!))
  if (rule === 'srcset') return placeOfSrcset(scanner)
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

function placeOfSrcset(scanner: Scanner): Place {
  const place = allowed(scanner, placeInSrcset(scanner.literal)) as keyof typeof SRCSET_MARKS
  scanner.literal += SRCSET_MARKS[place]
  return place
}

function nameOf(scanner: Scanner): string {
  if (scanner.state === 'raw' || scanner.state === 'plain-text') return `<${scanner.element}>`
  if (scanner.state === 'comment') return 'a comment'
  return scanner.element === '' ? 'a tag' : `the tag <${scanner.element}`
}
