/**
 * IP addresses: one canonical value for every spelling, so that one client is one key.
 * Stops limits and allow-lists that are dodged by another notation of the same address (mapped, NAT64, 6to4, zones, octal).
 * Sources: RFC 4291 §2.2 and §2.5.5, RFC 5952 §4, RFC 6052 §2.1, RFC 8215, RFC 3056 §2, RFC 6943 §3.1.1 (ambiguous IPv4).
 */
import { hexValue, isAlphanumericCode, isDigitCode } from './ascii.ts'

/** A canonical address. The same object may be handed out many times: its bytes are to be read only. */
export interface Address {
  readonly family: 4 | 6
  /** 4 or 16 bytes in network order. */
  readonly bytes: Uint8Array
  /** Dotted decimal, or the one spelling of RFC 5952. */
  readonly text: string
}

// 45 characters for the longest IPv6 text, and room for "%" and an interface name.
const MAX_LENGTH = 64
const DOT = 0x2e
const COLON = 0x3a

/**
 * The address that a text spells, or `undefined`. IPv4 must be four plain decimal numbers (no octal, hexadecimal or short form);
 * a zone id (`%eth0`) is dropped; brackets and ports are not accepted.
 * An IPv6 address that only carries an IPv4 one gives that: ::ffff:0:0/96, ::/96 (without :: and ::1), 64:ff9b::/96,
 * 64:ff9b:1::/48 (its last 32 bits) and 2002::/16. It goes by the range of the bytes, never by the spelling.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > MAX_LENGTH) return undefined
  if (text.indexOf(':') === -1) return isIPv4(text) ? { family: 4, bytes: bytesOfIPv4(text), text } : undefined
  const zone = text.indexOf('%')
  if (zone !== -1 && !isZone(text, zone + 1)) return undefined
  const bytes = parseIPv6(text, zone === -1 ? text.length : zone)
  return bytes && addressOf(bytes)
}

/** The canonical address of 16 bytes, unwrapped when they carry an IPv4 address. */
export function addressOf(bytes: Uint8Array): Address {
  const offset = embeddedOffset(bytes)
  if (offset === -1) return { family: 6, bytes, text: formatIPv6(bytes) }
  const inner = bytes.slice(offset, offset + 4)
  return { family: 4, bytes: inner, text: formatIPv4(inner) }
}

/** Where in 16 bytes an embedded IPv4 address starts, or -1 when the address is IPv6 and nothing else. */
export function embeddedOffset(bytes: Uint8Array): number {
  const first = word(bytes, 0)
  if (first === 0x2002) return 2
  if (first === 0x64 && word(bytes, 2) === 0xff9b) {
    const third = word(bytes, 4)
    return third === 1 || (third === 0 && isZero(bytes, 6, 12)) ? 12 : -1
  }
  if (first !== 0 || !isZero(bytes, 2, 10)) return -1
  const marker = word(bytes, 10)
  if (marker === 0xffff) return 12
  // :: and ::1 are themselves: unspecified and loopback.
  const low = word(bytes, 12) * 0x10000 + word(bytes, 14)
  return marker === 0 && low > 1 ? 12 : -1
}

/**
 * The 16 bytes of an IPv6 text that ends at `end`, or `undefined`: RFC 4291 §2.2, with a dotted tail if there is one. Nothing is
 * unwrapped, so this is also what a URL or a network is read with.
 */
export function parseIPv6(text: string, end = text.length): Uint8Array | undefined {
  const bytes = new Uint8Array(16)
  let written = 0
  let gap = -1
  let index = 0
  if (text.startsWith('::')) {
    gap = 0
    index = 2
  }
  while (index < end) {
    if (written === 16) return undefined
    const start = index
    let value = 0
    for (let hex = 0; index < end && (hex = hexValue(text.charCodeAt(index))) !== -1; index++) value = value * 16 + hex
    if (index < end && text.charCodeAt(index) === DOT) {
      const tail = text.slice(start, end)
      if (written > 12 || !isIPv4(tail)) return undefined
      bytes.set(bytesOfIPv4(tail), written)
      written += 4
      break
    }
    if (index === start || index - start > 4) return undefined
    bytes[written++] = value >>> 8
    bytes[written++] = value & 0xff
    if (index === end) break
    if (text.charCodeAt(index) !== COLON || ++index === end) return undefined
    if (text.charCodeAt(index) !== COLON) continue
    if (gap !== -1) return undefined
    gap = written
    index++
  }
  if (gap === -1) return written === 16 ? bytes : undefined
  // "::" stands for at least one group.
  if (written === 16) return undefined
  bytes.copyWithin(16 - (written - gap), gap, written)
  return bytes.fill(0, gap, 16 - (written - gap))
}

/** Dotted decimal text of four bytes. */
export function formatIPv4(bytes: Uint8Array): string {
  return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`
}

/** The one spelling of RFC 5952 §4: lower case, no leading zeros, the first longest run of two or more zero groups as "::". */
export function formatIPv6(bytes: Uint8Array): string {
  let gap = -1
  let length = 1
  for (let start = 0; start < 8; start++) {
    let run = 0
    while (start + run < 8 && word(bytes, 2 * (start + run)) === 0) run++
    if (run > length) {
      gap = start
      length = run
    }
    start += run
  }
  let text = ''
  for (let group = 0; group < 8; group++) {
    if (group === gap) {
      text += '::'
      group += length - 1
      continue
    }
    if (group > 0 && group !== gap + length) text += ':'
    text += word(bytes, 2 * group).toString(16)
  }
  return text
}

/** Whether `text` is dotted decimal: four numbers up to 255 without leading zeros (which others read as octal). */
export function isIPv4(text: string): boolean {
  if (text.length < 7 || text.length > 15) return false
  let parts = 1
  let digits = 0
  let value = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === DOT) {
      if (digits === 0 || ++parts > 4) return false
      digits = 0
      value = 0
      continue
    }
    if (!isDigitCode(code) || (digits > 0 && value === 0)) return false
    value = value * 10 + code - 0x30
    digits++
    if (value > 255) return false
  }
  return parts === 4 && digits > 0
}

/** The four bytes of a text that `isIPv4` has accepted. */
function bytesOfIPv4(text: string): Uint8Array {
  const bytes = new Uint8Array(4)
  let part = 0
  let value = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === DOT) {
      bytes[part++] = value
      value = 0
    } else value = value * 10 + code - 0x30
  }
  bytes[part] = value
  return bytes
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let index = from; index < to; index++) if (bytes[index] !== 0) return false
  return true
}

/** Interface names and numbers: letters, digits, "-", ".", "_". */
function isZone(text: string, start: number): boolean {
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (!isAlphanumericCode(code) && code !== 0x2d && code !== DOT && code !== 0x5f) return false
  }
  return start < text.length
}
