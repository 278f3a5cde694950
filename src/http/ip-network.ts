/**
 * IP networks: prefixes for limits ("one customer is a /64") and for the proxies that are trusted.
 * Stops allow-lists that miss an address because list and address are spelled differently, and typing errors that open too much.
 * Sources: RFC 4632 §3.1 (CIDR), RFC 4291 §2.3, RFC 1918, RFC 4193, RFC 3927, RFC 1122 §3.2.1.3.
 */
import { embeddedOffset, formatIPv4, formatIPv6, isIPv4, parseAddress, parseIPv6 } from './ip-address.ts'
import type { Address } from './ip-address.ts'

/** A prefix. An IPv4 network written inside an IPv6 range (`::ffff:10.0.0.0/104`) is the IPv4 network (`10.0.0.0/8`). */
export interface Network {
  readonly family: 4 | 6
  /** Length of the prefix, 0–32 or 0–128. */
  readonly bits: number
  /** 4 or 16 bytes; those behind the prefix are zero. */
  readonly bytes: Uint8Array
  /** Canonical text, "10.0.0.0/8". */
  readonly text: string
}

/**
 * The first `bits` bits of an address as text: "2001:db8:1:2::/64", "192.0.2.0/24". Good as a key: one network, one text.
 * Throws a RangeError when `bits` does not fit the family.
 */
export function network(address: Address, bits: number): string {
  return networkOf(address.family, address.bytes, bits).text
}

/**
 * A network from CIDR text or from a single address. `undefined` for anything else, also when bits are set behind the prefix
 * ("10.0.0.1/8"): nobody can tell whether the address or the length was meant.
 */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/')
  if (slash === -1) {
    const address = parseAddress(text)
    return address && networkOf(address.family, address.bytes, address.bytes.length * 8)
  }
  const base = text.slice(0, slash)
  const bits = prefixLength(text.slice(slash + 1))
  if (bits === undefined) return undefined
  if (isIPv4(base)) return exact(4, parseAddress(base)!.bytes, bits)
  const bytes = parseIPv6(base)
  return bytes && (insideIPv4(bytes, bits) ?? exact(6, bytes, bits))
}

/** Whether the address lies in the network. Both are canonical, so families never overlap. */
export function contains(range: Network, address: Address): boolean {
  if (range.family !== address.family) return false
  const whole = range.bits >> 3
  for (let index = 0; index < whole; index++) {
    if (range.bytes[index] !== address.bytes[index]) return false
  }
  const rest = range.bits & 7
  if (rest === 0) return true
  return ((range.bytes[whole]! ^ address.bytes[whole]!) & (0xff << (8 - rest)) & 0xff) === 0
}

/** Whether the address is 127.0.0.0/8 or ::1. */
export function isLoopback(address: Address): boolean {
  if (address.family === 4) return address.bytes[0] === 127
  return address.text === '::1'
}

const list = (...texts: string[]): readonly Network[] => texts.map((text) => parseNetwork(text)!)

export type NetworkName = 'loopback' | 'linklocal' | 'uniquelocal' | 'private'

/** Words for ranges that are not routed on the Internet; usable where a network is expected. */
export const NAMED_NETWORKS: Readonly<Record<NetworkName, readonly Network[]>> = {
  loopback: list('127.0.0.0/8', '::1/128'),
  linklocal: list('169.254.0.0/16', 'fe80::/10'),
  uniquelocal: list('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'),
  /** loopback and uniquelocal. */
  private: list('127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'),
}

/** The networks meant by a named set, a CIDR text or an address; `undefined` when it is none of these. */
export function parseNetworks(text: string): readonly Network[] | undefined {
  if (isNetworkName(text)) return NAMED_NETWORKS[text]
  const single = parseNetwork(text)
  return single && [single]
}

function isNetworkName(text: string): text is NetworkName {
  return Object.hasOwn(NAMED_NETWORKS, text)
}

function networkOf(family: 4 | 6, bytes: Uint8Array, bits: number): Network {
  const size = bytes.length * 8
  if (!Number.isInteger(bits) || bits < 0 || bits > size)
    throw new RangeError(`A prefix of IPv${family} has 0 to ${size} bits; got ${bits}.`)
  const masked = bytes.slice()
  const whole = bits >> 3
  if (whole < masked.length) {
    masked[whole] = masked[whole]! & ((0xff << (8 - (bits & 7))) & 0xff)
    masked.fill(0, whole + 1)
  }
  return { family, bits, bytes: masked, text: `${family === 4 ? formatIPv4(masked) : formatIPv6(masked)}/${bits}` }
}

function exact(family: 4 | 6, bytes: Uint8Array, bits: number): Network | undefined {
  if (bits > bytes.length * 8) return undefined
  const result = networkOf(family, bytes, bits)
  return result.bytes.every((byte, index) => byte === bytes[index]) ? result : undefined
}

/** The IPv4 network that an IPv6 prefix within an embedding range stands for. */
function insideIPv4(bytes: Uint8Array, bits: number): Network | undefined {
  // "::/96" is the range of the compatible addresses although "::" itself is no such address.
  const offset = bits === 96 && bytes.every((byte) => byte === 0) ? 12 : embeddedOffset(bytes)
  if (offset === -1 || bits < offset * 8 || bits > 128) return undefined
  return exact(4, bytes.slice(offset, offset + 4), Math.min(bits - offset * 8, 32))
}

function prefixLength(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(text)) return undefined
  return Number(text)
}
