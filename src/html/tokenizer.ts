/**
 * Reads the literal text of a template the way a browser's tokenizer does, one character or one run at a time.
 *
 * It only has to be right where a value could stand, so it is stricter than a browser: what browsers repair (a quote inside a
 * name, an unquoted value with a `<`, CDATA, `<!--` inside a script) is refused, because there two readers may disagree.
 *
 * Source: HTML, section 13.2.5 (tokenization); each state is named after the one there that it stands for.
 */
import { attributeRule, foreignElements, rawElements, textElements } from './names.ts'
import { judgeUrlContinuation } from './url.ts'

/** Where the reader is; `plain-text` is what HTML calls RCDATA: character references, but no tags. */
export type State =
  | 'text'
  | 'raw'
  | 'plain-text'
  | 'tag-open'
  | 'tag-name'
  | 'attributes'
  | 'attribute-name'
  | 'after-name'
  | 'before-value'
  | 'double-quoted'
  | 'single-quoted'

/** All that is known at one point of a template. */
export interface Scanner {
  state: State
  /** Name of the tag being read, or of the element whose raw or plain text is being read. */
  element: string
  closing: boolean
  selfClosing: boolean
  attribute: string
  /** Among the attributes: white space stands before this point, so a new attribute may begin. */
  spaced: boolean
  /** The last value was a fragment of attributes: the literal must go on with white space or the end of the tag. */
  afterFragment: boolean
  /** Literal text of the attribute value since it began, or since its last value. */
  literal: string
  /** The scheme of the URL in this attribute may come from a value that stands before this point. */
  open: boolean
  /** The start of the URL in this attribute was settled, by literal text. */
  settled: boolean
  metaRefresh: boolean
  metaContent: boolean
  /** The svg and math elements that are open, outermost first. */
  readonly foreign: string[]
}

/** Reads from `at` and returns where to go on; always moves on or changes the state. */
type Step = (scanner: Scanner, text: string, at: number) => number

const steps: Readonly<Record<State, Step>> = {
  text: readText,
  raw: readUntilClose,
  'plain-text': readUntilClose,
  'tag-open': readTagOpen,
  'tag-name': readTagName,
  attributes: readAttributes,
  'attribute-name': readAttributeName,
  'after-name': readAfterName,
  'before-value': readBeforeValue,
  'double-quoted': readQuoted,
  'single-quoted': readQuoted,
}

/** A reader at the start of a template. */
export function newScanner(): Scanner {
  return {
    state: 'text',
    element: '',
    closing: false,
    selfClosing: false,
    attribute: '',
    spaced: false,
    afterFragment: false,
    literal: '',
    open: false,
    settled: false,
    metaRefresh: false,
    metaContent: false,
    foreign: [],
  }
}

/** Reads one literal to its end. Throws `TypeError` at what browsers might read differently. Linear. */
export function readLiteral(scanner: Scanner, literal: string): void {
  if (scanner.afterFragment && !/^[ \t\n\r\f/>]/.test(literal)) {
    throw refusal(scanner, 'leave white space after a fragment of attributes')
  }
  scanner.afterFragment = false
  let at = 0
  while (at < literal.length) at = steps[scanner.state](scanner, literal, at)
}

/** The error for a template that is refused: `why`, and the tag and the attribute near which it was. */
export function refusal(scanner: Scanner, why: string): TypeError {
  const { element, attribute } = scanner
  const where = element === '' ? '' : ` (near <${attribute === '' ? element : `${element} ${attribute}`}>)`
  return new TypeError(`html: ${why}${where}`)
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
  if (text.startsWith('!--', at)) return endOfComment(scanner, text, at + 3)
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
}

/** HTML ends a comment at `-->` and at `--!>`, and right away at `<!-->` and `<!--->`. */
function endOfComment(scanner: Scanner, text: string, at: number): number {
  if (text[at] === '>') return at + 1
  if (text.startsWith('->', at)) return at + 2
  const plain = text.indexOf('-->', at)
  const odd = text.indexOf('--!>', at)
  if (odd !== -1 && (plain === -1 || odd < plain)) return odd + 4
  return plain === -1 ? endOf(scanner, text, at, '-->') : plain + 3
}

function endOf(scanner: Scanner, text: string, at: number, end: string): number {
  const found = text.indexOf(end, at)
  if (found === -1) throw refusal(scanner, 'no value may stand inside a comment or a declaration, and a template must end it')
  return found + end.length
}

/** The name goes on to white space, `/` or `>`; a browser would take a `<` into it, and hide the next tag. */
function readTagName(scanner: Scanner, text: string, at: number): number {
  const character = text.charAt(at)
  if (isSpace(character) || character === '/' || character === '>') {
    scanner.state = 'attributes'
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
  if (character === '"' || character === "'") {
    scanner.state = character === '"' ? 'double-quoted' : 'single-quoted'
    scanner.literal = ''
    scanner.open = false
    scanner.settled = false
    return at + 1
  }
  return readUnquoted(scanner, text, at)
}

/** An unquoted value is the author's to write, whole: `type=text`. A value from outside in it, or right after it, is refused. */
function readUnquoted(scanner: Scanner, text: string, at: number): number {
  let end = at
  while (end < text.length && !isSpace(text.charAt(end)) && text[end] !== '>') {
    if ('"\'<=`'.includes(text.charAt(end))) throw refusal(scanner, `put the value of ${scanner.attribute} in quotes`)
    end++
  }
  if (end === at || end === text.length) throw refusal(scanner, `put the value of ${scanner.attribute} in quotes`)
  scanner.state = 'attributes'
  scanner.spaced = false
  return end
}

/** A quoted value may reach over several literals, with values between them. */
function readQuoted(scanner: Scanner, text: string, at: number): number {
  const end = text.indexOf(scanner.state === 'double-quoted' ? '"' : "'", at)
  scanner.literal += text.slice(at, end === -1 ? text.length : end)
  if (end === -1) return text.length
  if (scanner.open && !scanner.settled) requireHarmlessEnd(scanner)
  scanner.state = 'attributes'
  scanner.spaced = false
  return end + 1
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
  if (scanner.metaRefresh && scanner.metaContent) throw refusal(scanner, 'no value may stand in the content of <meta http-equiv>')
  if (foreignElements.has(element)) {
    if (closing && scanner.foreign.at(-1) === element) scanner.foreign.pop()
    else if (!closing && !scanner.selfClosing) scanner.foreign.push(element)
    return
  }
  const isRaw = rawElements.has(element)
  if (closing || (!isRaw && !textElements.has(element))) return
  if (scanner.foreign.length === 0) scanner.state = isRaw ? 'raw' : 'plain-text'
  else if (element !== 'title') throw refusal(scanner, 'inside svg and math it is read as markup')
}

/** Inside an element without markup: nothing but its own closing tag is read. */
function readUntilClose(scanner: Scanner, text: string, at: number): number {
  const close = findClose(text, at, scanner.element)
  // `<!--<script>` inside a script hides the next closing tag from the browser (HTML, "script data double escaped state").
  if (scanner.element === 'script' && text.slice(at, close).includes('<!--')) {
    throw refusal(scanner, '<!-- inside a script hides its end')
  }
  if (close === -1) return text.length
  scanner.state = 'tag-open'
  return close + 1
}

/** Where `</name` followed by white space, `/` or `>` begins, or -1. */
function findClose(text: string, from: number, name: string): number {
  for (let at = text.indexOf('</', from); at !== -1; at = text.indexOf('</', at + 2)) {
    const end = at + 2 + name.length
    const after = text.charAt(end)
    if (text.slice(at + 2, end).toLowerCase() === name && (isSpace(after) || after === '/' || after === '>')) return at
  }
  return -1
}

function isLetter(character: string): boolean {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\t' || character === '\r' || character === '\f'
}
