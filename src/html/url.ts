/**
 * Decides whether a value may be a URL in a page.
 *
 * Stops `javascript:` and its relatives: a URL that runs as script survives every escaping, because nothing in it needs escaping.
 *
 * Source: OWASP Cross Site Scripting Prevention Cheat Sheet, "Common mistake: URL"; WHATWG URL, section 4.4 (leading controls and
 * spaces are stripped, tab and line breaks are removed anywhere, a backslash counts as a slash); CWE-79, CWE-84.
 */

/** What an attribute gets in place of a URL that is refused: it leads nowhere and can be searched for. */
export const blockedUrl = '#blocked'

/** What a place that loads code or a document gets instead: unlike `#blocked` it does not load the page itself. */
export const blockedCodeUrl = 'about:invalid#blocked'

const allowedSchemes: ReadonlySet<string> = new Set(['http', 'https', 'mailto', 'tel'])

/**
 * True when `url` is relative or its scheme is http, https, mailto or tel.
 * Anything else before the first `:` is refused, also one of these schemes with a control character or a space in it, because
 * browsers drop some of them and then read another scheme. It says nothing about which host the URL leads to.
 *
 * @example isSafeUrl('/notes?id=1') // true
 * @example isSafeUrl(' java\tscript:alert(1)') // false
 */
export function isSafeUrl(url: string): boolean {
  for (let at = 0; at < url.length; at++) {
    const unit = url.charCodeAt(at)
    if (unit === 0x2f || unit === 0x3f || unit === 0x23 || unit === 0x5c) return true
    if (unit === 0x3a) return at <= 6 && allowedSchemes.has(url.slice(0, at).toLowerCase())
  }
  return true
}

/**
 * True when `path` keeps the browser at this origin whatever literal text follows it: empty, or `/` and a segment.
 * Refused are `//host`, `/\host`, any backslash, control character or space, and a bare `/` (with a literal `/x` after it, it
 * would name the host `x`).
 *
 * @example isOwnPath('/console') // true
 * @example isOwnPath('//evil.example') // false
 */
export function isOwnPath(path: string): boolean {
  if (path === '') return true
  if (path.charCodeAt(0) !== 0x2f || path.length === 1 || path.charCodeAt(1) === 0x2f) return false
  for (let at = 1; at < path.length; at++) {
    const unit = path.charCodeAt(at)
    if (unit <= 0x20 || unit === 0x5c || unit === 0x7f) return false
  }
  return true
}

/**
 * How far the literal text before a value settles where a URL leads.
 * `open`: the scheme could still come from the value. `settled`: it cannot. `refused`: the literal names a scheme that runs code,
 * or hides it behind a character reference.
 */
export type UrlPrefix = 'open' | 'settled' | 'refused'

/** Judges the literal start of a URL attribute; `code` asks for more: the origin must be settled as well, not only the scheme. */
export function judgeUrlPrefix(written: string, code: boolean): UrlPrefix {
  const literal = asBrowsersRead(written)
  const end = firstDelimiter(literal)
  if (end === literal.length) return 'open'
  if (literal[end] === '&') return 'refused'
  if (literal[end] === ':') return judgeScheme(literal, end, code)
  return code ? judgeOwnPath(literal, end) : 'settled'
}

/** Judges the literal text between a URL's first value and its next one: it must not turn the value into a scheme. */
export function judgeUrlContinuation(written: string, code: boolean): UrlPrefix {
  const literal = asBrowsersRead(written)
  const end = firstDelimiter(literal)
  if (end === literal.length) return 'open'
  if (literal[end] === '&' || literal[end] === ':') return 'refused'
  return code ? judgeOwnPath(literal, end) : 'settled'
}

/** Without spaces and control characters: leading ones are stripped, tabs and line breaks are removed wherever they stand. */
function asBrowsersRead(literal: string): string {
  let read = ''
  for (let at = 0; at < literal.length; at++) {
    const unit = literal.charCodeAt(at)
    if (unit > 0x20 && unit !== 0x7f) read += literal.charAt(at)
  }
  return read
}

function firstDelimiter(literal: string): number {
  for (let at = 0; at < literal.length; at++) {
    // `&amp;` is a plain ampersand; any other reference could hide a colon.
    if (':/?#\\&'.includes(literal.charAt(at)) && !literal.startsWith('&amp;', at)) return at
  }
  return literal.length
}

/** Only what the author wrote is judged here, so any scheme that cannot run code is the author's to choose (`otpauth:`, `sms:`). */
function judgeScheme(literal: string, colon: number, code: boolean): UrlPrefix {
  const scheme = literal.slice(0, colon).toLowerCase()
  const rest = literal.slice(colon + 1)
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme) || scheme === 'javascript' || scheme === 'vbscript') return 'refused'
  if (scheme === 'data') return !code && /^image\/(?:png|jpeg|gif|webp|avif)[;,]/i.test(rest) ? 'settled' : 'refused'
  if (!code) return 'settled'
  return (scheme === 'https' || scheme === 'http') && /^\/\/[a-z0-9.:[\]-]+\//i.test(rest) ? 'settled' : 'refused'
}

/** `/${x}` is not settled: with `/evil.example` in `x` it names a host. `/a${x}` is, and so is a query or a fragment. */
function judgeOwnPath(literal: string, delimiter: number): UrlPrefix {
  if (literal.includes('\\')) return 'refused'
  if (literal[delimiter] !== '/' || delimiter > 0) return 'settled'
  const next = literal[1]
  if (next === undefined || next === '/' || next === '&') return 'refused'
  return 'settled'
}
