/**
 * What proxies say about the client: Forwarded and X-Forwarded-For. These functions read; whom to believe is decided elsewhere.
 * Stops a client from smuggling `host=` or `proto=` through a quoted value, and addresses from being cut at the wrong colon.
 * Source: RFC 7239 §4 (syntax), §5 (parameters), §6 (nodes).
 */
import { isDigitCode, isTokenCode, skipWhitespace } from './ascii.ts'
import { isIPv4, parseAddress } from './ip-address.ts'
import type { Address } from './ip-address.ts'
import { quotedEnd, unquote } from './quoted-string.ts'

/** One hop, nearest to the client first. Values are unquoted and otherwise as they were sent. */
export interface ForwardedElement {
  readonly for?: string
  readonly by?: string
  readonly host?: string
  readonly proto?: string
}

export type Node =
  | { readonly kind: 'address'; readonly address: Address; readonly port: number | undefined }
  | { readonly kind: 'unknown' }
  /** `name` starts with "_". */
  | { readonly kind: 'obfuscated'; readonly name: string }

const MAX_LENGTH = 4096
const MAX_ELEMENTS = 32
const COMMA = 0x2c
const COLON = 0x3a
const SEMICOLON = 0x3b

/**
 * The elements of a Forwarded field, left to right, or `undefined`: anything malformed, a parameter twice in one element, an empty
 * element, more than 32 elements or 4 KiB. It is all or nothing, because one open quote changes the meaning of all that follows.
 * Spaces around ";" are accepted although the grammar has none. Unknown parameters are read and dropped.
 */
export function parseForwarded(value: string): readonly ForwardedElement[] | undefined {
  if (value.length > MAX_LENGTH) return undefined
  const elements: ForwardedElement[] = []
  let element: Record<string, string> = Object.create(null)
  for (let index = 0; ; index++) {
    index = skipWhitespace(value, index)
    const equals = tokenEnd(value, index)
    if (equals === index || value.charCodeAt(equals) !== 0x3d) return undefined
    const name = value.slice(index, equals).toLowerCase()
    const quoted = value.charCodeAt(equals + 1) === 0x22
    const end = quoted ? quotedEnd(value, equals + 1) : tokenEnd(value, equals + 1)
    if (end <= equals + 1 || element[name] !== undefined) return undefined
    element[name] = quoted ? unquote(value, equals + 1, end) : value.slice(equals + 1, end)

    index = skipWhitespace(value, end)
    if (index < value.length && value.charCodeAt(index) === SEMICOLON) continue
    if (index < value.length && value.charCodeAt(index) !== COMMA) return undefined
    if (elements.length === MAX_ELEMENTS) return undefined
    elements.push(pick(element))
    if (index >= value.length) return elements
    element = Object.create(null)
  }
}

/**
 * A node of RFC 7239 §6: an IPv4 address, an IPv6 address in brackets, `unknown`, or a name that starts with "_"; each with a port
 * or not. `undefined` for everything else, also for IPv6 without brackets. A port that is obfuscated counts as none.
 */
export function parseNode(text: string): Node | undefined {
  const close = text.charCodeAt(0) === 0x5b ? text.indexOf(']') : -1
  const colon = text.indexOf(':', close + 1)
  const end = colon === -1 ? text.length : colon
  const port = colon === -1 ? undefined : parseNodePort(text, colon + 1)
  if (port === BAD_PORT) return undefined
  if (close !== -1) {
    const inner = text.slice(1, close)
    const address = end === close + 1 && inner.includes(':') && !inner.includes('%') ? parseAddress(inner) : undefined
    return address && { kind: 'address', address, port }
  }
  const name = text.slice(0, end)
  if (name.toLowerCase() === 'unknown') return { kind: 'unknown' }
  if (isObfuscated(name, 0)) return { kind: 'obfuscated', name }
  const address = isIPv4(name) ? parseAddress(name) : undefined
  return address && { kind: 'address', address, port }
}

/**
 * The entries of X-Forwarded-For, left to right, trimmed and without ports and brackets. They are raw: parse each with
 * `parseAddress`, from the right, and stop at the first that is no address. An empty entry stays (""), so that hops count.
 * Of more than 32 entries only the last 32 are returned: a client can add on the left as many as it likes.
 */
export function parseForwardedFor(value: string): readonly string[] {
  const entries: string[] = []
  let end = value.length
  while (end >= 0 && entries.length < MAX_ELEMENTS) {
    const comma = end === 0 ? -1 : value.lastIndexOf(',', end - 1)
    entries.push(withoutPort(value, comma + 1, end))
    end = comma
  }
  return entries.toReversed()
}

const BAD_PORT = -1

function parseNodePort(text: string, start: number): number | undefined {
  if (isObfuscated(text, start)) return undefined
  const size = text.length - start
  let port = size > 0 && size <= 5 ? 0 : BAD_PORT
  for (let index = start; port !== BAD_PORT && index < text.length; index++) {
    const code = text.charCodeAt(index)
    port = isDigitCode(code) ? port * 10 + code - 0x30 : BAD_PORT
  }
  return port <= 65535 ? port : BAD_PORT
}

/** "_" and at least one letter, digit, ".", "_" or "-". */
function isObfuscated(text: string, start: number): boolean {
  return /^_[A-Za-z0-9._-]+$/.test(start === 0 ? text : text.slice(start))
}

/** "1.2.3.4:80", "[::1]:80" and "[::1]" without port and brackets. Several colons without brackets are IPv6, and stay whole. */
function withoutPort(value: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isSpace(value.charCodeAt(start))) start++
  while (end > start && isSpace(value.charCodeAt(end - 1))) end--
  const entry = value.slice(start, end)
  if (entry.charCodeAt(0) === 0x5b) {
    const close = entry.indexOf(']')
    const whole = close !== -1 && (close === entry.length - 1 || isPortAt(entry, close + 1))
    return whole ? entry.slice(1, close) : entry
  }
  const colon = entry.indexOf(':')
  const single = colon !== -1 && entry.indexOf(':', colon + 1) === -1
  return single && isPortAt(entry, colon) ? entry.slice(0, colon) : entry
}

/** Whether the text from `start` on is ":" and one to five digits. */
function isPortAt(text: string, start: number): boolean {
  const size = text.length - start - 1
  if (text.charCodeAt(start) !== COLON || size < 1 || size > 5) return false
  for (let index = start + 1; index < text.length; index++) if (!isDigitCode(text.charCodeAt(index))) return false
  return true
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function tokenEnd(text: string, start: number): number {
  let index = start
  while (index < text.length && isTokenCode(text.charCodeAt(index))) index++
  return index
}

function pick(element: Readonly<Record<string, string>>): ForwardedElement {
  const { for: client, by, host, proto } = element
  return {
    ...(client !== undefined && { for: client }),
    ...(by !== undefined && { by }),
    ...(host !== undefined && { host }),
    ...(proto !== undefined && { proto }),
  }
}
