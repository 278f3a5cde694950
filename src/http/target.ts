/**
 * The request target: the one canonical path that guard, router, limiter and log all see.
 * Stops every attack in which the guard reads another path than the handler: `/%61dmin`, `//admin`, `/x/../admin`,
 * `/admin%2fusers`, `/admin;x`, `/admin%00`, overlong UTF-8, double encoding, absolute-form targets. It never guesses.
 * Sources: RFC 9112 §3.2, RFC 3986 §3.3, §6.2.2 and §7.3, RFC 3629 §3; OWASP "Path Traversal", CWE-22, CWE-436.
 */
import { asciiTable, hexValue, isControlCode } from './ascii.ts'

export type TargetReason =
  | 'empty'
  | 'too-long'
  | 'absolute-form'
  | 'authority-form'
  | 'asterisk-form'
  | 'double-slash'
  | 'dot-segment'
  | 'backslash'
  | 'path-parameter'
  | 'fragment'
  | 'control'
  | 'non-ascii'
  | 'bad-character'
  | 'bad-percent'
  | 'bad-utf8'
  | 'encoded-slash'
  | 'encoded-backslash'
  | 'encoded-control'
  | 'encoded-unreserved'
  | 'double-encoding'

export type TargetResult =
  | {
      readonly ok: true
      /** Percent-encoded path with upper-case hex digits. Case and a trailing slash stay as they were sent. */
      readonly path: string
      /** "" or "?…", as it was sent. */
      readonly search: string
    }
  | { readonly ok: false; readonly status: 400; readonly reason: TargetReason }

const MAX_LENGTH = 8192
const UNRESERVED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~'
// What stands for itself in a path: unreserved, sub-delims without ";", ":", "@", and "[]|^", which user agents send as they are.
const PLAIN = asciiTable(`${UNRESERVED}!$&'()*+,=:@[]|^`)
const UNRESERVED_TABLE = asciiTable(UNRESERVED)
const SLASH = 0x2f
const DOT = 0x2e
const PERCENT = 0x25
const QUESTION = 0x3f

const refuse = (reason: TargetReason): TargetResult => ({ ok: false, status: 400, reason })

/**
 * Splits a request target into its canonical path and its search, or says why it is refused.
 * `*` is accepted for the method OPTIONS only. One loop; a path without "%" is returned as it is.
 *
 * Two spellings are left on purpose: a reserved character and its escape ("@" and "%40"), because user agents send both. A
 * guard that denies by default and opens by exact match stays closed for the spelling it does not know.
 */
export function canonicalTarget(raw: string, method = 'GET'): TargetResult {
  if (raw.charCodeAt(0) !== SLASH) return otherForm(raw, method)
  const length = raw.length
  if (length > MAX_LENGTH) return refuse('too-long')

  let end = length
  let rewrite = false
  let segment = 1
  let index = 1
  for (; index < length; index++) {
    const code = raw.charCodeAt(index)
    if (code < 128 && PLAIN[code] === 1) continue
    if (code === SLASH) {
      if (index === segment) return refuse('double-slash')
      if (isDotSegment(raw, segment, index)) return refuse('dot-segment')
      segment = index + 1
      continue
    }
    if (code === QUESTION) {
      end = index
      break
    }
    if (code !== PERCENT) return refuse(reasonFor(code))
    const size = escapeLength(raw, index)
    if (size < 0) return refuse(escapeReason(raw, index))
    if (!rewrite) rewrite = hasLowerHex(raw, index, size)
    index += size - 1
  }
  if (isDotSegment(raw, segment, end)) return refuse('dot-segment')
  const searchReason = checkSearch(raw, end)
  if (searchReason !== undefined) return refuse(searchReason)

  const path = end === length ? raw : raw.slice(0, end)
  return { ok: true, path: rewrite ? upperHex(path) : path, search: end === length ? '' : raw.slice(end) }
}

/** The three forms that are not a path (RFC 9112 §3.2.2 to §3.2.4). Proxies get them, applications do not. */
function otherForm(raw: string, method: string): TargetResult {
  if (raw === '*') return method === 'OPTIONS' ? { ok: true, path: '*', search: '' } : refuse('asterisk-form')
  if (raw.length === 0) return refuse('empty')
  if (raw.length > MAX_LENGTH) return refuse('too-long')
  if (raw.charCodeAt(0) === 0x5c) return refuse('backslash')
  return refuse(raw.includes('://') ? 'absolute-form' : 'authority-form')
}

/** "." and "..", which a URL parser removes and a string compare keeps. */
function isDotSegment(raw: string, start: number, end: number): boolean {
  const size = end - start
  if (size === 1) return raw.charCodeAt(start) === DOT
  return size === 2 && raw.charCodeAt(start) === DOT && raw.charCodeAt(start + 1) === DOT
}

function reasonFor(code: number): TargetReason {
  if (code === 0x5c) return 'backslash'
  if (code === 0x3b) return 'path-parameter'
  if (code === 0x23) return 'fragment'
  if (code === 0x20 || isControlCode(code)) return 'control'
  return code > 0x7f ? 'non-ascii' : 'bad-character'
}

/** The byte that the escape at `index` stands for, or -1. */
function byteAt(raw: string, index: number): number {
  if (raw.charCodeAt(index) !== PERCENT) return -1
  const high = hexValue(raw.charCodeAt(index + 1))
  const low = hexValue(raw.charCodeAt(index + 2))
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

/** The length of the escape or escapes of one character at `index`, or -1 when that character is refused. */
function escapeLength(raw: string, index: number): number {
  const byte = byteAt(raw, index)
  if (byte === -1) return -1
  if (byte >= 0x80) return sequenceLength(raw, index, byte)
  const refused = byte === SLASH || byte === 0x5c || isControlCode(byte) || UNRESERVED_TABLE[byte] === 1
  if (refused || (byte === PERCENT && isDouble(raw, index))) return -1
  return 3
}

/** "%25" before two hex digits: decoding twice gives something else than decoding once. */
function isDouble(raw: string, index: number): boolean {
  return hexValue(raw.charCodeAt(index + 3)) >= 0 && hexValue(raw.charCodeAt(index + 4)) >= 0
}

/** The length of a well-formed UTF-8 sequence of escapes (the table of RFC 3629 §4: no overlong forms, no surrogates), or -1. */
function sequenceLength(raw: string, index: number, lead: number): number {
  const count = lead >= 0xc2 && lead <= 0xdf ? 1 : lead >= 0xe0 && lead <= 0xef ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0
  if (count === 0) return -1
  const second = byteAt(raw, index + 3)
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : lead === 0xc2 ? 0xa0 : 0x80
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  // 0xC2 0x80–0x9F are the C1 controls: well-formed, and refused all the same.
  if (second < lowest || second > highest) return -1
  for (let step = 2; step <= count; step++) {
    const next = byteAt(raw, index + 3 * step)
    if (next < 0x80 || next > 0xbf) return -1
  }
  return 3 * (count + 1)
}

/** Why `escapeLength` refused; asked only then, so the accepted path pays nothing for good messages. */
function escapeReason(raw: string, index: number): TargetReason {
  const byte = byteAt(raw, index)
  if (byte === -1) return 'bad-percent'
  if (byte >= 0x80) {
    const second = byteAt(raw, index + 3)
    return byte === 0xc2 && second >= 0x80 && second < 0xa0 ? 'encoded-control' : 'bad-utf8'
  }
  if (byte === SLASH) return 'encoded-slash'
  if (byte === 0x5c) return 'encoded-backslash'
  if (isControlCode(byte)) return 'encoded-control'
  if (byte === DOT) return 'dot-segment'
  return byte === PERCENT ? 'double-encoding' : 'encoded-unreserved'
}

function hasLowerHex(raw: string, index: number, size: number): boolean {
  for (let at = index; at < index + size; at++) if (raw.charCodeAt(at) >= 0x61) return true
  return false
}

/** RFC 3986 §6.2.2.1. Every "%" is known to start an escape. */
function upperHex(path: string): string {
  return path.replace(/%[0-9A-Fa-f]{2}/g, (escape) => escape.toUpperCase())
}

/** The search is data, not a path: only what breaks lines, parsers or percent-decoding is refused. */
function checkSearch(raw: string, start: number): TargetReason | undefined {
  for (let index = start; index < raw.length; index++) {
    const code = raw.charCodeAt(index)
    if (code === PERCENT) {
      const byte = byteAt(raw, index)
      if (byte === -1) return 'bad-percent'
      // No text has a NUL; databases refuse it with an error, and C libraries end there.
      if (byte === 0) return 'control'
    }
    if (code > 0x20 && code < 0x7f && code !== 0x23) continue
    return reasonFor(code)
  }
  return undefined
}
