/**
 * Reads what is not markup: comments, which are taken out, and the text of scripts, style sheets, titles and text areas.
 *
 * Source: HTML, 13.2.5.2 to 13.2.5.20 (RCDATA, raw text, script data) and 13.2.5.43 to 13.2.5.52 (comments).
 */
import { newCssReader, readCss } from './css.ts'
import { refusal, isSpace, type Scanner } from './scanner.ts'
import { newScriptReader, readScript } from './script.ts'

/** What the text of a script is, by its type; others may hold no value. An import map decides what code is loaded. */
const scriptTypes: ReadonlyMap<string, 'script' | 'json'> = new Map([
  ['', 'script'],
  ['module', 'script'],
  ['text/javascript', 'script'],
  ['application/javascript', 'script'],
  ['application/json', 'json'],
  ['application/ld+json', 'json'],
])

/** At the `!--` of a comment: HTML ends one at `-->` and at `--!>`, and right away at `<!-->` and `<!--->`. */
export function beginComment(scanner: Scanner, text: string, at: number): number {
  const inside = at + 3
  if (text[at - 2] === '<') throw refusal(scanner, 'a literal < needs &lt; in front of a comment')
  const short = text[inside] === '>' ? 1 : text.startsWith('->', inside) ? 2 : 0
  if (short > 0) return cut(scanner, at - 1, inside + short)
  scanner.state = 'comment'
  cut(scanner, at - 1, inside)
  return inside
}

/** A comment may reach over values: they are not shown either. */
export function readComment(scanner: Scanner, text: string, at: number): number {
  const plain = text.indexOf('-->', at)
  const odd = text.indexOf('--!>', at)
  const isOdd = odd !== -1 && (plain === -1 || odd < plain)
  const end = isOdd ? odd + 4 : plain === -1 ? text.length : plain + 3
  if (isOdd || plain !== -1) scanner.state = 'text'
  return cut(scanner, at, end)
}

function cut(scanner: Scanner, from: number, to: number): number {
  scanner.edits.push({ literal: scanner.index, at: from, remove: to - from, insert: '' })
  return to
}

/** At the `>` of a tag whose text is raw: what reads it. */
export function beginRawText(scanner: Scanner): void {
  scanner.css = scanner.element === 'style' ? newCssReader(false) : undefined
  const kind = scanner.element === 'script' ? scriptTypes.get((scanner.scriptType ?? '').toLowerCase()) : undefined
  scanner.script = kind === undefined ? undefined : newScriptReader(kind)
}

/** Inside an element without markup: nothing but its own closing tag is read. */
export function readUntilClose(scanner: Scanner, text: string, at: number): number {
  const close = findClose(text, at, scanner.element)
  const end = close === -1 ? text.length : close
  const inside = text.slice(at, end)
  // `<!--<script>` inside a script hides the next closing tag from the browser (HTML, "script data double escaped state").
  if (scanner.element === 'script' && inside.includes('<!--')) throw refusal(scanner, '<!-- inside a script hides its end')
  refuseMarkup(scanner, inside)
  if (scanner.css) readCss(scanner.css, inside)
  if (scanner.script) readScript(scanner.script, inside)
  if (close === -1) return text.length
  scanner.css = undefined
  scanner.script = undefined
  scanner.state = 'tag-open'
  return close + 1
}

/**
 * The same text is read as markup inside of svg and math, where a script is off, or where the element itself is passed over: an `<a
 * title="</title>…">` in a title would then end elsewhere. A nested template does not know what it stands in, so none has any.
 */
function refuseMarkup(scanner: Scanner, inside: string): void {
  const { css, element } = scanner
  if (css || element === 'script') {
    if (css && inside.includes('<!--')) throw refusal(scanner, '<!-- begins a comment where the style is passed over')
    if (/<\/noscript/i.test(inside))
      throw refusal(scanner, 'where scripts are on, </noscript> ends a <noscript> wherever it stands')
  } else if (/<[a-z!/?]/i.test(inside)) throw refusal(scanner, `write < as &lt; inside <${element}>`)
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
