/**
 * Names and values of HTTP fields (headers): what may be sent without splitting a response.
 * Stops response splitting and header injection: OWASP "HTTP Response Splitting"; RFC 9110 §5.1, §5.5, §5.6.2.
 */
import { describeCode, isControlCode, isTokenCode, skipWhitespace } from './ascii.ts'

/** Whether `text` is a `token` (RFC 9110 §5.6.2): not empty, ASCII, no separators. Field names and methods are tokens. */
export function isToken(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (!isTokenCode(text.charCodeAt(index))) return false
  }
  return text.length > 0
}

/**
 * Whether `text` is a `field-value` (RFC 9110 §5.5): printable ASCII, obs-text (U+0080–U+00FF), inner spaces and tabs.
 * CR, LF, NUL, every other control, characters above U+00FF, and space or tab at either end are refused. Empty is allowed.
 */
export function isFieldValue(text: string): boolean {
  return badIndex(text) === -1
}

/**
 * Throws a TypeError when the name is no token or the value is no field value; says which character stands where.
 * The value itself is never part of the message: it may be a secret.
 */
export function assertFieldValue(name: string, value: string): void {
  if (!isToken(name)) {
    throw new TypeError(
      `A header name must be a token (RFC 9110 §5.6.2); got ${JSON.stringify(name)}. Use letters, digits and "-".`,
    )
  }
  const index = badIndex(value)
  if (index === -1) return
  throw new TypeError(
    `Header ${name}: ${describeCode(value.charCodeAt(index))} at position ${index} is not allowed in a value (RFC 9110 §5.5). ` +
      'Remove it, or encode the value before it becomes a header.',
  )
}

/**
 * The members of a comma-separated list of tokens, lower-cased, such as Access-Control-Request-Headers.
 * Empty members are skipped (RFC 9110 §5.6.1.2); a member that is no token, or more than `max` members, gives `undefined`.
 */
export function tokenList(text: string, max = 64): readonly string[] | undefined {
  const members: string[] = []
  let index = 0
  while (index < text.length) {
    index = skipWhitespace(text, index)
    const start = index
    while (isTokenCode(text.charCodeAt(index))) index++
    const end = index
    index = skipWhitespace(text, index)
    if (index < text.length && text.charCodeAt(index) !== 0x2c) return undefined
    index++
    if (end === start) continue
    if (members.length === max) return undefined
    members.push(text.slice(start, end).toLowerCase())
  }
  return members
}

/** The index of the first character that may not stand where it stands, or -1. */
function badIndex(text: string): number {
  const last = text.length - 1
  for (let index = 0; index <= last; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x20 && code < 0x7f) continue
    const inside = index > 0 && index < last
    if ((code === 0x20 || code === 0x09) && inside) continue
    if (code === 0x20 || isControlCode(code) || code > 0xff) return index
  }
  return -1
}
