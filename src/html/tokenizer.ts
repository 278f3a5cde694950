/**
 * Reads the literal text of a template the way a browser's tokenizer does, one character or one run at a time.
 *
 * It only has to be right where a value could stand, so it is stricter than a browser: what browsers repair (a quote inside a
 * name, an unquoted value with a `<`, CDATA, `<!--` inside a script) is refused, because there two readers may disagree.
 *
 * Source: HTML, section 13.2.5 (tokenization); each state is named after the one there that it stands for.
 */
import { newCssReader, readCss } from './css.ts'
import { attributeRule, foreignElements, rawElements, textElements } from './names.ts'
import { beginComment, beginRawText, readComment, readUntilClose } from './raw-text.ts'
import { NONCE_MARK } from './safe-html.ts'
import { isLetter, isSpace, refusal, type Scanner, type State } from './scanner.ts'
import { hasBadEnd } from './srcset.ts'
import { judgeUrlContinuation } from './url.ts'

/** Reads from `at` and returns where to go on; always moves on or changes the state. */
type Step = (scanner: Scanner, text: string, at: number) => number

const steps: Readonly<Record<State, Step>> = {
  text: readText,
  raw: readUntilClose,
  'plain-text': readUntilClose,
  comment: readComment,
  'tag-open': readTagOpen,
  'tag-name': readTagName,
  attributes: readAttributes,
  'attribute-name': readAttributeName,
  'after-name': readAfterName,
  'before-value': readBeforeValue,
  'double-quoted': readQuoted,
  'single-quoted': readQuoted,
  unquoted: readUnquoted,
}

/** Reads one literal to its end. Throws `TypeError` at what browsers might read differently. Linear. */
export function readLiteral(scanner: Scanner, literal: string): void {
  if (scanner.afterFragment && !/^[ \t\n\r\f/>]/.test(literal)) {
    throw refusal(scanner, 'leave white space after a fragment of attributes')
  }
  scanner.afterFragment = false
  if (literal.includes('\0')) throw refusal(scanner, 'a NUL is read differently in every place')
  let at = 0
  while (at < literal.length) at = steps[scanner.state](scanner, literal, at)
}

function readText(scanner: Scanner, text: string, at: number): number {
  const tag = text.indexOf('<', at)
  if (tag === -1) return text.length
  scanner.state = 'tag-open'
  return tag + 1
}

/** After `<`: a tag begins only before a letter; `<!`, `<?` and `</` before anything else are comments to a browser. */
function readTagOpen(scanner: Scanner, text: string, at: number): number {
  const closing = text[at] === '/'
  const first = text.charAt(closing ? at + 1 : at)
  if (isLetter(first)) {
    beginTag(scanner, closing)
    return closing ? at + 1 : at
  }
  if (closing && first === '') throw refusal(scanner, 'no value may stand in a closing tag')
  scanner.state = 'text'
  if (text.startsWith('!--', at)) return beginComment(scanner, text, at)
  if (text.startsWith('![CDATA[', at)) throw refusal(scanner, 'CDATA is read differently in HTML and in SVG')
  if (closing || first === '!' || first === '?') return endOf(scanner, text, at, '>')
  return at
}

function beginTag(scanner: Scanner, closing: boolean): void {
  scanner.state = 'tag-name'
  scanner.element = ''
  scanner.attribute = ''
  scanner.closing = closing
  scanner.selfClosing = false
  scanner.spaced = false
  scanner.metaRefresh = false
  scanner.metaContent = false
  scanner.scriptType = undefined
  scanner.nonceAt = undefined
}

function endOf(scanner: Scanner, text: string, at: number, end: string): number {
  const found = text.indexOf(end, at)
  if (found === -1) throw refusal(scanner, 'no value may stand inside a declaration, and a template must end it')
  return found + end.length
}

/** The name goes on to white space, `/` or `>`; a browser would take a `<` into it, and hide the next tag. */
function readTagName(scanner: Scanner, text: string, at: number): number {
  const character = text.charAt(at)
  if (isSpace(character) || character === '/' || character === '>') {
    scanner.state = 'attributes'
    const takesNonce = !scanner.closing && (scanner.element === 'script' || scanner.element === 'style')
    if (takesNonce) scanner.nonceAt = { literal: scanner.index, at }
    return at
  }
  if (character === '<') throw refusal(scanner, 'a < inside a tag: escape it or end the tag')
  scanner.element += character.toLowerCase()
  return at + 1
}

/** Between attributes. A slash separates like white space, so `<img/onerror=…>` is not missed. */
function readAttributes(scanner: Scanner, text: string, at: number): number {
  const character = text.charAt(at)
  if (character === '>') {
    finishTag(scanner)
    return at + 1
  }
  scanner.selfClosing = character === '/'
  if (isSpace(character) || character === '/') {
    scanner.spaced = character !== '/'
    return at + 1
  }
  scanner.state = 'attribute-name'
  scanner.attribute = ''
  return at
}

function readAttributeName(scanner: Scanner, text: string, at: number): number {
  const character = text.charAt(at)
  if (character === '=' && scanner.attribute !== '') return nameEnds(scanner, 'before-value', at + 1)
  if (isSpace(character)) return nameEnds(scanner, 'after-name', at + 1)
  if (character === '/' || character === '>') return nameEnds(scanner, 'attributes', at)
  if ('"\'<=`'.includes(character)) throw refusal(scanner, `a ${character} where the name of an attribute is expected`)
  scanner.attribute += character.toLowerCase()
  return at + 1
}

function nameEnds(scanner: Scanner, state: State, next: number): number {
  if (scanner.element === 'meta' && scanner.attribute === 'http-equiv') scanner.metaRefresh = true
  if (scanner.attribute === 'nonce') scanner.nonceAt = undefined
  scanner.state = state
  scanner.spaced = true
  return next
}

function readAfterName(scanner: Scanner, text: string, at: number): number {
  if (isSpace(text.charAt(at))) return at + 1
  if (text[at] === '=') {
    scanner.state = 'before-value'
    return at + 1
  }
  scanner.state = 'attributes'
  return at
}

function readBeforeValue(scanner: Scanner, text: string, at: number): number {
  const character = text.charAt(at)
  if (isSpace(character)) return at + 1
  if (character === '>') throw refusal(scanner, `put the value of ${scanner.attribute} in quotes`)
  const quoted = character === '"' || character === "'"
  beginValue(scanner, character === '"' ? 'double-quoted' : quoted ? 'single-quoted' : 'unquoted', at)
  return quoted ? at + 1 : at
}

/** At the first character of a value, or where a value from outside stands right after the `=`. */
export function beginValue(scanner: Scanner, state: 'double-quoted' | 'single-quoted' | 'unquoted', at: number): void {
  scanner.state = state
  scanner.literal = ''
  scanner.open = false
  scanner.settled = false
  scanner.needsQuotes = false
  scanner.unquotedAt = { literal: scanner.index, at }
  scanner.css = scanner.attribute === 'style' ? newCssReader(true) : undefined
}

/** An unquoted value ends at white space or `>`. When a value from outside stands in it, it is written with quotes. */
function readUnquoted(scanner: Scanner, text: string, at: number): number {
  let end = at
  while (end < text.length && !isSpace(text.charAt(end)) && text[end] !== '>') {
    if ('"\'<=`'.includes(text.charAt(end))) throw refusal(scanner, `put the value of ${scanner.attribute} in quotes`)
    end++
  }
  takeLiteral(scanner, text.slice(at, end))
  if (end === text.length) return end
  if (scanner.needsQuotes) {
    if (text[end] === '>' && text[end - 1] === '/') throw refusal(scanner, 'leave white space between a value and />')
    const quote = { remove: 0, insert: '"' }
    scanner.edits.push({ ...scanner.unquotedAt, ...quote }, { literal: scanner.index, at: end, ...quote })
  }
  endValue(scanner)
  return end
}

/** A quoted value may reach over several literals, with values between them. */
function readQuoted(scanner: Scanner, text: string, at: number): number {
  const end = text.indexOf(scanner.state === 'double-quoted' ? '"' : "'", at)
  takeLiteral(scanner, text.slice(at, end === -1 ? text.length : end))
  if (end === -1) return text.length
  endValue(scanner)
  return end + 1
}

/** Ends what a browser reads as text alone, be it in the middle of an attribute. */
const RAW_END = /<\/(?:title|textarea|style|script|xmp|iframe|noembed|noframes|noscript)/i

function takeLiteral(scanner: Scanner, text: string): void {
  if (RAW_END.test(text)) throw refusal(scanner, `write < as &lt; in ${scanner.attribute}: a browser may be reading text here`)
  scanner.literal += text
  if (scanner.css) readCss(scanner.css, text)
}

function endValue(scanner: Scanner): void {
  const { element, attribute, literal } = scanner
  if (scanner.open && !scanner.settled) requireHarmlessEnd(scanner)
  if (attributeRule(element, attribute) === 'srcset' && hasBadEnd(literal)) {
    throw refusal(scanner, `leave white space after an address in ${attribute} that is a value`)
  }
  // Of two attributes with one name the browser takes the first.
  if (element === 'script' && attribute === 'type') scanner.scriptType ??= literal
  scanner.css = undefined
  scanner.state = 'attributes'
  scanner.spaced = false
}

/** `href="${x}:alert(1)"`: the literal after a value must not turn it into a scheme. */
function requireHarmlessEnd(scanner: Scanner): void {
  const code = attributeRule(scanner.element, scanner.attribute) === 'code-url'
  const bare = scanner.literal === '/'
  if (!bare && judgeUrlContinuation(scanner.literal, code) === 'refused') {
    throw refusal(scanner, `the text after the value in ${scanner.attribute} changes where it leads`)
  }
}

/** At `>`: what the element is decides how the text after it is read. */
function finishTag(scanner: Scanner): void {
  const { element, closing } = scanner
  scanner.state = 'text'
  if (scanner.nonceAt) scanner.edits.push({ ...scanner.nonceAt, remove: 0, insert: NONCE_MARK })
  if (scanner.metaRefresh && scanner.metaContent) throw refusal(scanner, 'no value may stand in the content of <meta http-equiv>')
  if (foreignElements.has(element)) {
    if (closing && scanner.foreign.at(-1) === element) scanner.foreign.pop()
    else if (!closing && !scanner.selfClosing) scanner.foreign.push(element)
    return
  }
  const isRaw = rawElements.has(element)
  if (element === 'plaintext') throw refusal(scanner, 'nothing ends it')
  if (closing || (!isRaw && !textElements.has(element))) return
  if (scanner.foreign.length > 0) refuseForeign(scanner)
  if (isRaw) beginRawText(scanner)
  scanner.state = isRaw ? 'raw' : 'plain-text'
}

/** A title is the same text there, as it has no tags in it. */
function refuseForeign(scanner: Scanner): void {
  if (scanner.element !== 'title') throw refusal(scanner, 'inside svg and math it is read as markup')
  if (scanner.selfClosing) throw refusal(scanner, 'end it with </title>: svg and HTML read <title/> differently')
}
