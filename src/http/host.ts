/**
 * The Host field: a host name and perhaps a port, and nothing that another parser could read as more.
 * Stops poisoned links, cache poisoning and allow-list bypass by `good@evil`, `evil/good`, trailing dots and port junk.
 * Sources: RFC 9110 §7.2, RFC 3986 §3.2.2, RFC 1123 §2.1; WHATWG URL "ends in a number checker"; OWASP "Host Header Injection".
 */
import { isAlphanumericCode, isControlCode, isDigitCode, lowerCode } from './ascii.ts'
import { formatIPv6, isIPv4, parseIPv6 } from './ip-address.ts'

export type HostReason =
  | 'empty'
  | 'too-long'
  | 'userinfo'
  | 'path'
  | 'query'
  | 'fragment'
  | 'whitespace'
  | 'comma'
  | 'control'
  | 'non-ascii'
  | 'bad-name'
  | 'bad-port'
  | 'bad-ipv6'
  | 'trailing-dot'

export type HostResult =
  | { readonly ok: true; readonly hostname: string; readonly port: number | undefined }
  | { readonly ok: false; readonly reason: HostReason }

// A name of 253 characters, ":" and five digits.
const MAX_LENGTH = 259
const MAX_NAME = 253
const MAX_LABEL = 63
const DASH = 0x2d
const DOT = 0x2e
const COLON = 0x3a
const UNDERSCORE = 0x5f

const refuse = (reason: HostReason): HostResult => ({ ok: false, reason })

/**
 * The host name in lower case (IPv6 in brackets, in its one spelling) and the port if there is one.
 * Only ASCII: names in other scripts come as their A-labels (`xn--…`). A name that ends in a number must be a plain IPv4 address.
 * A trailing dot is refused, not cut off: allow-list, certificate and cookie would each see another host.
 */
export function parseHost(value: string): HostResult {
  if (value.length === 0) return refuse('empty')
  if (value.length > MAX_LENGTH) return refuse('too-long')
  if (value.charCodeAt(0) === 0x5b) return parseLiteral(value)

  let upper = false
  let label = 0
  let index = 0
  for (; index < value.length; index++) {
    const code = value.charCodeAt(index)
    if (code === COLON) break
    if (code === DOT) {
      if (label === 0 || value.charCodeAt(index - 1) === DASH) return refuse('bad-name')
      label = 0
      continue
    }
    if (!isAlphanumericCode(code) && code !== UNDERSCORE && (code !== DASH || label === 0)) return refuse(reasonFor(code))
    if (++label > MAX_LABEL) return refuse('bad-name')
    if (code !== lowerCode(code)) upper = true
  }
  if (index === 0) return refuse('bad-name')
  if (label === 0) return refuse('trailing-dot')
  if (index > MAX_NAME || value.charCodeAt(index - 1) === DASH) return refuse('bad-name')

  const port = parsePort(value, index)
  if (port === BAD_PORT) return refuse(portReason(value, index + 1))
  const name = index === value.length ? value : value.slice(0, index)
  const hostname = upper ? name.toLowerCase() : name
  if (endsInNumber(hostname) && !isIPv4(hostname)) return refuse('bad-name')
  return { ok: true, hostname, port }
}

/** "[" IPv6 "]" and perhaps a port. Zones are refused: they mean something on the client's machine only. */
function parseLiteral(value: string): HostResult {
  const close = value.indexOf(']')
  const bytes = close === -1 ? undefined : parseIPv6(value.slice(1, close))
  if (bytes === undefined) return refuse('bad-ipv6')
  const port = parsePort(value, close + 1)
  if (port === BAD_PORT) return refuse(portReason(value, close + 1))
  return { ok: true, hostname: `[${formatIPv6(bytes)}]`, port }
}

const BAD_PORT = -1

/** The port behind the ":" at `start`, `undefined` when the text ends there, -1 when it is no decimal number 1–65535. */
function parsePort(value: string, start: number): number | undefined {
  if (start === value.length) return undefined
  const digits = value.length - start - 1
  if (value.charCodeAt(start) !== COLON || digits < 1 || digits > 5 || value.charCodeAt(start + 1) === 0x30) return BAD_PORT
  let port = 0
  for (let index = start + 1; index < value.length; index++) {
    const code = value.charCodeAt(index)
    if (!isDigitCode(code)) return BAD_PORT
    port = port * 10 + code - 0x30
  }
  return port <= 65535 ? port : BAD_PORT
}

/** The clearest word for what stands where a port should: `good:80@evil` is a userinfo, `good:80/x` a path. */
function portReason(value: string, start: number): HostReason {
  for (let index = start; index < value.length; index++) {
    const reason = reasonFor(value.charCodeAt(index))
    if (reason !== 'bad-name') return reason
  }
  return 'bad-port'
}

/** The clearest word for a character that no host name has. */
function reasonFor(code: number): HostReason {
  if (code === 0x40) return 'userinfo'
  if (code === 0x2f || code === 0x5c) return 'path'
  if (code === 0x3f) return 'query'
  if (code === 0x23) return 'fragment'
  if (code === 0x20 || code === 0x09) return 'whitespace'
  if (code === 0x2c) return 'comma'
  if (isControlCode(code)) return 'control'
  return code > 0x7f ? 'non-ascii' : 'bad-name'
}

// "127.1", "0x7f.1" and "2130706433" are IPv4 addresses to a URL parser, and plain names to a string compare.
function endsInNumber(hostname: string): boolean {
  const start = hostname.lastIndexOf('.') + 1
  if (!isDigitCode(hostname.charCodeAt(start))) return false
  if (hostname.charCodeAt(start) === 0x30 && hostname.charCodeAt(start + 1) === 0x78) return true
  for (let index = start; index < hostname.length; index++) {
    if (!isDigitCode(hostname.charCodeAt(index))) return false
  }
  return true
}
