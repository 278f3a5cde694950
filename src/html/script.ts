/**
 * Finds out where in a script a value stands: as an expression, in a string, in a template literal.
 *
 * Stops script injection (CWE-79): a value in a comment, in a regular expression or where two readers could disagree is refused.
 * It reads only as much JavaScript as tells strings, comments, templates and regular expressions apart, and gives up where a `/`
 * could be a division or begin a regular expression.
 *
 * Source: ECMAScript, section 12 (lexical grammar) and Annex B.1.1 (HTML-like comments).
 */

export interface ScriptReader {
  readonly kind: 'script' | 'json'
  state: 'expression' | 'double' | 'single' | 'template' | 'line-comment' | 'block-comment' | 'pattern' | 'unknown'
  /** What the last token was, which decides what a `/` is. */
  before: 'operator' | 'value' | 'either' | 'dot'
  /** A statement may begin here, and an object would be a block. */
  fresh: boolean
  /** A line ended since the last token: a statement may have ended with it, although nothing says so. */
  newline: boolean
  /** What stands here names a module, whose code is loaded. */
  loads: boolean
  /** Open braces of each template expression, outermost first; the first is the script itself. */
  readonly braces: number[]
  /** A backslash stands directly before this point, or a `$` in a template. */
  escaped: boolean
  dollar: boolean
  /** Inside the `[…]` of a regular expression. */
  inClass: boolean
  why: string
}

export type ScriptPlace = 'script' | 'json' | 'script-string' | { readonly refused: string }

const keywords = new Set('return typeof case do else in instanceof new void delete throw'.split(' '))
const maybeKeywords = new Set('yield await of extends default'.split(' '))
const LINE_END = /[\n\r\u2028\u2029]/
const word = /\d[\w.]*|[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy

export function newScriptReader(kind: ScriptReader['kind']): ScriptReader {
  const start = {
    state: 'expression',
    before: 'operator',
    fresh: true,
    newline: false,
    loads: false,
    escaped: false,
    dollar: false,
    inClass: false,
    why: '',
  } as const
  return { kind, ...start, braces: [0] }
}

/** Reads literal script text. Linear. */
export function readScript(reader: ScriptReader, text: string): void {
  for (let at = 0; at < text.length;) at += step(reader, text, at)
}

/** The kind of place at this point. Taking it says that a value stands here. */
export function placeInScript(reader: ScriptReader): ScriptPlace {
  const { state, escaped, dollar, newline } = reader
  if (state === 'unknown') return { refused: reader.why }
  if (reader.loads) return { refused: 'it names a module, whose code is loaded' }
  if (escaped) return { refused: 'a backslash stands before it' }
  if (dollar) return { refused: 'a $ stands before it' }
  if (state === 'line-comment' || state === 'block-comment') return { refused: 'it is a comment of a script' }
  if (state === 'pattern') return { refused: 'it is a regular expression' }
  if (state !== 'expression') return 'script-string'
  // `return` and a line end is a whole statement, and an object behind it a block.
  reader.before = reader.before === 'operator' && !reader.fresh && !newline ? 'value' : 'either'
  reader.fresh = reader.newline = false
  return reader.kind
}

/** Reads one token, or one character of a longer one, and returns its length. */
function step(reader: ScriptReader, text: string, at: number): number {
  const character = text.charAt(at)
  const { state } = reader
  if (state === 'expression') return readExpression(reader, text, at)
  if (state === 'unknown') return text.length - at
  if (state === 'line-comment' || state === 'block-comment') return readComment(reader, text, at)
  if (reader.escaped) reader.escaped = false
  else if (character === '\\') reader.escaped = true
  else if (state === 'template') return readTemplate(reader, text, at)
  else if (state === 'pattern') readPattern(reader, character)
  else if (character === (state === 'double' ? '"' : "'")) end(reader)
  else if (character === '\n') lose(reader, 'a string does not end in its line')
  return 1
}

/** A line that ends in a comment ends for the statement around it, too. */
function readComment(reader: ScriptReader, text: string, at: number): number {
  const ends = LINE_END.test(text.charAt(at))
  reader.newline ||= ends
  const block = reader.state === 'block-comment'
  if (block ? !text.startsWith('*/', at) : !ends) return 1
  reader.state = 'expression'
  return block ? 2 : 1
}

function readTemplate(reader: ScriptReader, text: string, at: number): number {
  reader.dollar = false
  if (text[at] === '`') end(reader)
  else if (text.startsWith('${', at)) {
    reader.braces.push(0)
    reader.state = 'expression'
    reader.before = 'operator'
    reader.fresh = reader.newline = reader.loads = false
    return 2
  } else if (text[at] === '$') reader.dollar = true
  return 1
}

function readPattern(reader: ScriptReader, character: string): void {
  if (character === '[') reader.inClass = true
  else if (character === ']') reader.inClass = false
  else if (character === '\n') lose(reader, 'a / does not end in its line')
  else if (character === '/' && !reader.inClass) end(reader)
}

function readExpression(reader: ScriptReader, text: string, at: number): number {
  word.lastIndex = at
  const name = word.exec(text)?.[0]
  if (name !== undefined) return readWord(reader, name)
  const character = text.charAt(at)
  if (/\s/.test(character)) {
    reader.newline ||= LINE_END.test(character)
    return 1
  }
  if (character === '/') return readSlash(reader, text, at)
  if (text.startsWith('-->', at)) lose(reader, '--> may begin a comment')
  else if (character === '\\' || text.startsWith('#!', at)) lose(reader, `a ${character} outside of a string`)
  else if (character === '"') reader.state = 'double'
  else if (character === "'") reader.state = 'single'
  else if (character === '`') reader.state = 'template'
  else return readPunctuation(reader, text, at)
  return 1
}

function readWord(reader: ScriptReader, name: string): number {
  const plain = reader.before === 'dot'
  reader.fresh = name === 'else' || name === 'do'
  reader.newline = false
  reader.loads = !plain && (name === 'import' || name === 'from')
  if (!plain && keywords.has(name)) reader.before = 'operator'
  else reader.before = !plain && maybeKeywords.has(name) ? 'either' : 'value'
  return name.length
}

function readSlash(reader: ScriptReader, text: string, at: number): number {
  const next = text[at + 1]
  if (next === '/' || next === '*') {
    reader.state = next === '/' ? 'line-comment' : 'block-comment'
    return 2
  }
  // Behind `let a` and a line end a `/` begins a regular expression, behind `a` and a line end it divides.
  if (reader.before === 'operator') reader.state = 'pattern'
  else if (reader.before === 'value' && !reader.newline) reader.before = 'operator'
  else lose(reader, 'a / before it may divide or begin a regular expression: put the value into a data block')
  return 1
}

function readPunctuation(reader: ScriptReader, text: string, at: number): number {
  const { braces } = reader
  const character = text.charAt(at)
  reader.fresh = ';:{})'.includes(character)
  reader.newline = false
  reader.loads &&= character === '('
  if (text.startsWith('++', at) || text.startsWith('--', at)) {
    reader.before = 'either'
    return 2
  }
  if (character === '{') braces.push(braces.pop()! + 1)
  if (character === '}') {
    const open = braces.pop()!
    if (open === 0 && braces.length > 0) {
      reader.state = 'template'
      return 1
    }
    braces.push(Math.max(0, open - 1))
  }
  if (text.startsWith('...', at)) {
    reader.before = 'operator'
    return 3
  }
  // A letter that is younger than our list of letters would be a name.
  if (character === ')' || character === '}' || character > '\x7f') reader.before = 'either'
  else if (character === ']') reader.before = 'value'
  else reader.before = character === '.' ? 'dot' : 'operator'
  return 1
}

/** After a string, a template or a regular expression. */
function end(reader: ScriptReader): void {
  reader.state = 'expression'
  reader.before = 'value'
  reader.fresh = reader.newline = reader.loads = reader.dollar = false
}

function lose(reader: ScriptReader, why: string): void {
  reader.state = 'unknown'
  reader.why = why
}
