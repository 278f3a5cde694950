/**
 * The name constraints of a certificate authority: it may vouch for these names and no others, whoever gets hold of it.
 * Written out in DER here because @peculiar/x509 has no class for this extension. Source: RFC 5280 section 4.2.1.10, X.690.
 */
import { isIP } from 'node:net'

/** The extension's object identifier. */
export const NAME_CONSTRAINTS = '2.5.29.30'

const SEQUENCE = 0x30
const PERMITTED_SUBTREES = 0xa0
const DNS_NAME = 0x82
const IP_ADDRESS = 0x87

/** The extension's value, DER. A host name permits its subdomains too; an address only itself. Give at least one of each: a kind without any is unconstrained. */
export function permittedNames(names: readonly string[]): Uint8Array {
  const subtrees = names.map((name) =>
    element(SEQUENCE, isIP(name) === 0 ? element(DNS_NAME, Buffer.from(name, 'ascii')) : address(name)),
  )
  return element(SEQUENCE, element(PERMITTED_SUBTREES, Buffer.concat(subtrees)))
}

/** The bytes of an address, and as many of its mask, all ones. */
function address(text: string): Buffer {
  const bytes = isIP(text) === 4 ? Buffer.from(text.split('.').map(Number)) : ipv6Bytes(text)
  return element(IP_ADDRESS, Buffer.concat([bytes, Buffer.alloc(bytes.length, 0xff)]))
}

function ipv6Bytes(text: string): Buffer {
  if (text !== '::1') throw new RangeError(`Of IPv6 only ::1 is local, got ${text}.`)
  return Buffer.from([...Array<number>(15).fill(0), 1])
}

/** Tag, length in its shortest form, value. */
function element(tag: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(value.length)]), value])
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length]
  if (length < 0x100) return [0x81, length]
  if (length < 0x10000) return [0x82, length >> 8, length & 0xff]
  throw new RangeError('Too many names for one certificate authority.')
}
