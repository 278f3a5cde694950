/**
 * Character classes that the HTTP grammars share, as tables: one array read per character, no regular expression.
 * Sources: RFC 9110 §5.6.2 (token), RFC 5234 appendix B.1 (ALPHA, DIGIT, HEXDIG).
 */

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'

/** A table of 128 entries that holds 1 for each character of `members` and 0 for all others. */
export function asciiTable(members: string): Uint8Array {
  const table = new Uint8Array(128)
  for (const member of members) table[member.charCodeAt(0)] = 1
  return table
}

const TOKEN = asciiTable(`!#$%&'*+-.^_\`|~${DIGITS}${LETTERS}`)
const ALPHANUMERIC = asciiTable(DIGITS + LETTERS)

/** Whether the character code is a `tchar` of RFC 9110 §5.6.2. */
export function isTokenCode(code: number): boolean {
  return code < 128 && TOKEN[code] === 1
}

/** Whether the character code is an ASCII letter or digit. */
export function isAlphanumericCode(code: number): boolean {
  return code < 128 && ALPHANUMERIC[code] === 1
}

/** Whether the character code is an ASCII digit. */
export function isDigitCode(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** Whether the character code is a C0 control or DEL. */
export function isControlCode(code: number): boolean {
  return code < 0x20 || code === 0x7f
}

/** The value 0–15 of a hexadecimal digit in either case, or -1. */
export function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** The character code with A–Z folded to a–z; all others as they are. */
export function lowerCode(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code
}

/** The first index at or after `index` that is neither space nor tab (`OWS` of RFC 9110 §5.6.3). */
export function skipWhitespace(text: string, index: number): number {
  for (;;) {
    const code = text.charCodeAt(index)
    if (code !== 0x20 && code !== 0x09) return index
    index++
  }
}

/** A character for a message: printable ones quoted, all others as `U+000D`. */
export function describeCode(code: number): string {
  if (code > 0x20 && code < 0x7f) return `"${String.fromCharCode(code)}"`
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}
