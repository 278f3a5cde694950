/**
 * The quoted-string of HTTP fields: one reader for every field that has it, so that a ";" inside quotes never ends anything.
 * Source: RFC 9110 §5.6.4.
 */

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** The index behind the closing quote of the string opened at `start`; -1 when it does not close or is not printable ASCII. */
export function quotedEnd(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === QUOTE) return index + 1
    const next = code === BACKSLASH ? text.charCodeAt(++index) : code
    // A backslash at the very end gives NaN, which fails both comparisons.
    if (!((next >= 0x20 && next < 0x7f) || next === 0x09)) return -1
  }
  return -1
}

/** The text between the quotes at `start` and before `end`, with quoted-pairs resolved. */
export function unquote(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1)
  return inner.includes('\\') ? inner.replace(/\\(.)/g, '$1') : inner
}
