/**
 * Any string as a text that SQL and Redis keep exactly. PostgreSQL refuses U+0000, and UTF-8 turns every lone surrogate into the same
 * U+FFFD, so that two keys of a client would become one. Such strings are rare; they are written as hexadecimal behind a marker.
 */

const MARKER = '\u0001'

export function encodeString(text: string): string {
  const plain = text.isWellFormed() && !text.includes('\0') && !text.startsWith(MARKER)
  if (plain) return text
  return MARKER + Buffer.from(text, 'utf16le').toString('hex')
}

export function decodeString(stored: string): string {
  if (!stored.startsWith(MARKER)) return stored
  return Buffer.from(stored.slice(MARKER.length), 'hex').toString('utf16le')
}
