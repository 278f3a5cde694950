/**
 * Whether an address is one of the public Internet, so that a request to it reaches nothing that trusts us for where we stand:
 * not this machine, not the network around it, not the metadata of a cloud.
 * Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890); RFC 6052 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo);
 * OWASP Server-Side Request Forgery Prevention Cheat Sheet; CWE-918.
 */
import { parseIPv6 } from '../http/ip-address.ts'
import { contains, parseAddress, parseNetwork, type Network } from '../http/ip.ts'

const networks = (...texts: readonly string[]): readonly Network[] => texts.map((text) => parseNetwork(text)!)

/** Not for the Internet, by the registries; the last is where Azure answers its machines, an address of the public range. */
const SPECIAL: readonly Network[] = networks(
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared by carriers (CGNAT)
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local: the metadata of most clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // relays of 6to4
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
  '168.63.129.16/32',
)

/** Inside of 2000::/3, which alone is given out for the Internet. */
const SPECIAL_IPV6: readonly Network[] = networks(
  '2001::/23', // protocol assignments: Teredo, benchmarks, ORCHID
  '2001:db8::/32', // documentation
  '3fff::/20', // documentation
)

const isZero = (bytes: Uint8Array, end: number) => bytes.subarray(0, end).every((byte) => byte === 0)

/** Whether the text is an address of the public Internet. Anything that is no address is not. */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text)
  if (address === undefined || text.includes('%')) return false
  if (text.includes(':') && !mayCarry(parseIPv6(text)!)) return false
  const special = address.family === 4 ? SPECIAL : SPECIAL_IPV6
  return !special.some((range) => contains(range, address))
}

/** The interface of an ISATAP tunnel: its last four bytes are an IPv4 address, behind whatever prefix (RFC 5214 §6.1). */
const isTunnel = (bytes: Uint8Array) => (bytes[8]! & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe

/**
 * What is given out (2000::/3) without 6to4 and ISATAP, and the two forms in which a resolver or a socket writes an IPv4 address: mapped, and
 * NAT64 under its own prefix. Every other form that carries one is refused whatever it carries: nobody needs it, and what it reaches
 * depends on a gateway that we do not know.
 */
function mayCarry(bytes: Uint8Array): boolean {
  const given = bytes[0]! >> 5 === 1
  if (given) return !(bytes[0] === 0x20 && bytes[1] === 0x02) && !isTunnel(bytes)
  const mapped = isZero(bytes, 10) && bytes[10] === 0xff && bytes[11] === 0xff
  const nat64 = bytes[0] === 0 && bytes[1] === 0x64 && bytes[2] === 0xff && bytes[3] === 0x9b && isZero(bytes.subarray(4), 8)
  return mapped || nat64
}
