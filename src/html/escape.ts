/**
 * Escapes text for HTML text and quoted attribute values.
 *
 * Stops data from ending the text or the quotes it stands in. It is enough there and only there: see `scan.ts` for the places
 * where `html` refuses to put a value at all.
 *
 * Source: OWASP Cross Site Scripting Prevention Cheat Sheet, output encoding rules 1 and 2; CWE-79. The backtick is added because
 * it once delimited attribute values, and a NUL becomes U+FFFD because parsers disagree about it (HTML, section 13.2.2).
 */

const replacements: ReadonlyMap<number, string> = new Map([
  [0x00, '\uFFFD'],
  [0x22, '&quot;'],
  [0x26, '&amp;'],
  [0x27, '&#39;'],
  [0x3c, '&lt;'],
  [0x3e, '&gt;'],
  [0x60, '&#96;'],
])

/** The first code unit that no replacement has: everything from here on is copied as it is. */
const beyond = 0x61

/**
 * Returns `text` with `& < > " ' `` ` `` ` as character references and NUL as U+FFFD. Linear; text with nothing to escape is
 * returned as it came, without a copy.
 *
 * @example escapeHtml('<b>') // '&lt;b&gt;'
 */
export function escapeHtml(text: string): string {
  let escaped = ''
  let copied = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= beyond || !needsEscape(unit)) continue
    escaped += text.slice(copied, at) + replacements.get(unit)
    copied = at + 1
  }
  return copied === 0 ? text : escaped + text.slice(copied)
}

function needsEscape(unit: number): boolean {
  return unit === 0x26 || unit === 0x3c || unit === 0x3e || unit === 0x22 || unit === 0x27 || unit === 0x60 || unit === 0x00
}
