/**
 * Values in CSS: which may stand, and where in a style sheet or a style attribute one stands.
 *
 * Stops CSS injection (CWE-79, and data read out by selectors and `url()`): a value may be one of a few kinds of token or the
 * content of a string; never a selector, a property, an at-rule or an address.
 *
 * Source: CSS Syntax Level 3, section 4; OWASP XSS Prevention Cheat Sheet, "Output encoding for CSS contexts".
 */

/** What stands in place of a value that is refused: no property has it, so the declaration is dropped. */
export const blockedCss = 'blocked-value'

/** Where a value would stand. `unknown` and the like say in `why` what is in the way. */
export interface CssReader {
  readonly attribute: boolean
  state: 'css' | 'comment' | 'double' | 'single' | 'address' | 'unknown'
  /** Inside the value of a declaration. */
  value: boolean
  atRule: boolean
  braces: number
  parentheses: number
  escaped: boolean
  /** A value stood directly before this point. */
  afterValue: boolean
  why: string
}

export type CssPlace = 'css' | 'css-string' | { readonly refused: string }

const functions = 'rgba?|hsla?|hwb|lab|lch|oklab|oklch|color-mix|calc|min|max|clamp|var|minmax|repeat|fit-content'
const token = new RegExp(
  `(?:[ \\t\\n]+|,|#[0-9a-f]{3,8}(?![\\w-])|[+-]?(?:\\d+(?:\\.\\d+)?|\\.\\d+)(?:%|[a-z]{1,8})?(?![\\w-])|(?<open>(?:${functions})\\()` +
    `|(?<close>\\))|-{0,2}[a-z][a-z0-9_-]*(?![\\w(-])|(?<= )[*/+-](?= )|!important(?![\\w-]))`,
  'iy',
)

/**
 * True when `text` is made of numbers with units, names, colours, commas and the functions that compute from these.
 *
 * @example isCssValue('1px solid rgb(0 0 0 / 50%)') // true
 * @example isCssValue('url(https://evil.example)') // false
 */
export function isCssValue(text: string): boolean {
  if (text.length > 1000) return false
  let depth = 0
  for (let at = 0; at < text.length; at = token.lastIndex) {
    token.lastIndex = at
    const found = token.exec(text)
    if (!found) return false
    if (found.groups?.['open'] !== undefined) depth++
    if (found.groups?.['close'] !== undefined && --depth < 0) return false
  }
  return depth === 0
}

/** The text for the inside of a CSS string: all but letters, digits and spaces as `\\` and a code point in hexadecimal. */
export function escapeCssString(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9 ]/gu, (character) => {
    const code = character.codePointAt(0)!
    return `\\${(code === 0 ? 0xfffd : code).toString(16)} `
  })
}

export function newCssReader(attribute: boolean): CssReader {
  const start = { state: 'css', value: false, atRule: false, braces: 0, parentheses: 0 } as const
  return { attribute, ...start, escaped: false, afterValue: false, why: '' }
}

/** Reads literal CSS. Throws `TypeError` where the literal makes a function of the value before it. Linear. */
export function readCss(reader: CssReader, text: string): void {
  if (reader.afterValue && text.startsWith('(')) throw new TypeError('html: a value in a style cannot name a function')
  if (text !== '') reader.afterValue = false
  if (reader.attribute && text.includes('&')) lose(reader, 'write no character references into a style attribute with values')
  for (let at = 0; at < text.length; at++) {
    if (reader.escaped) reader.escaped = false
    else if (text[at] === '\\') reader.escaped = true
    else at += readCharacter(reader, text, at)
  }
}

/** The kind of place at this point. Taking it says that a value stands here. */
export function placeInCss(reader: CssReader): CssPlace {
  const { state, value, escaped, parentheses, atRule } = reader
  if (state === 'unknown') return { refused: reader.why }
  if (escaped) return { refused: 'a backslash stands before it' }
  if (state === 'comment') return { refused: 'it is a comment' }
  if (state === 'address') return { refused: 'it is an address: put it into an <img> or choose a class' }
  if (atRule || !value) return { refused: 'only the value of a declaration may come from outside' }
  reader.afterValue = true
  if (state === 'css') return 'css'
  return parentheses > 0 ? { refused: 'a string inside a function may be an address' } : 'css-string'
}

/** Reads one character and returns how many more were read with it. */
function readCharacter(reader: CssReader, text: string, at: number): number {
  const character = text.charAt(at)
  const pair = text.slice(at, at + 2)
  const { state } = reader
  if (state === 'comment' && pair === '*/') {
    reader.state = 'css'
    return 1
  }
  if (state === 'css' && pair === '/*') {
    reader.state = 'comment'
    return 1
  }
  if (state === 'css') readSyntax(reader, character, text.slice(Math.max(0, at - 4), at))
  if (state === 'address') readAddress(reader, character)
  if (state === 'double' || state === 'single') readString(reader, character)
  return 0
}

function readAddress(reader: CssReader, character: string): void {
  if (character === ')') reader.state = 'css'
  if (character === '"' || character === "'") lose(reader, 'write url() without quotes in a style sheet with values')
}

function readString(reader: CssReader, character: string): void {
  if (/[\n\r\f]/.test(character)) lose(reader, 'a string does not end in its line')
  else if (character === (reader.state === 'double' ? '"' : "'")) reader.state = 'css'
}

function readSyntax(reader: CssReader, character: string, before: string): void {
  if (character === '"') reader.state = 'double'
  else if (character === "'") reader.state = 'single'
  else if (character === '@') reader.atRule = true
  else if (character === ':') reader.value = reader.attribute || reader.braces > 0
  else if (character === ';') reader.value = reader.atRule = false
  else if (character === '(') {
    if (/(?:url|src)$/i.test(before)) reader.state = 'address'
    else reader.parentheses++
  } else if (character === ')') reader.parentheses = Math.max(0, reader.parentheses - 1)
  else if (character === '{' || character === '}') {
    reader.braces = Math.max(0, reader.braces + (character === '{' ? 1 : -1))
    reader.value = reader.atRule = false
  }
}

function lose(reader: CssReader, why: string): void {
  reader.state = 'unknown'
  reader.why = why
}
