/**
 * IP addresses and networks in one place to import from, and a parser that remembers the last addresses it saw.
 * The parts: `ip-address.ts` (one canonical value for every spelling) and `ip-network.ts` (prefixes, CIDR, named sets).
 */
import { parseAddress } from './ip-address.ts'
import type { Address } from './ip-address.ts'

export { parseAddress } from './ip-address.ts'
export type { Address } from './ip-address.ts'
export { NAMED_NETWORKS, contains, isLoopback, network, parseNetwork, parseNetworks } from './ip-network.ts'
export type { Network, NetworkName } from './ip-network.ts'

/**
 * `parseAddress` with a memory of at most `max` texts; the oldest is forgotten first. For peers, which come back on every request.
 * It holds only what was accepted, so a flood of nonsense does not push anything out.
 */
export function createAddressParser(max = 1024): (text: string) => Address | undefined {
  if (!Number.isInteger(max) || max < 1) throw new RangeError(`An address parser remembers at least 1 address; got ${max}.`)
  const known = new Map<string, Address>()
  return (text) => {
    const hit = known.get(text)
    if (hit !== undefined) return hit
    const address = parseAddress(text)
    if (address === undefined) return undefined
    if (known.size === max) known.delete(known.keys().next().value!)
    known.set(text, address)
    return address
  }
}
