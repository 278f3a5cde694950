/** Which peers are our own proxies. Stops "trust everybody", the setting under which any client can claim any address. */
import { invalid } from '../../engine/options.ts'
import { contains, parseNetworks, type Address, type Network } from '../../http/ip.ts'

/** Shorter prefixes are no operator's own: 0.0.0.0/0 and ::/0, or the same in two halves. fc00::/7 is the widest that is. */
const SHORTEST = { 4: 8, 6: 7 } as const

/** The networks behind the option, without doubles. Throws HF_OPTION_INVALID for what is no network or wider than anybody's own. */
export function readNetworks(option: string, entries: readonly string[]): readonly Network[] {
  if (!Array.isArray(entries)) invalid(option, entries, `Give a list such as ['10.0.0.0/8'].`)
  const networks = new Map<string, Network>()
  for (const entry of entries) {
    const parsed = typeof entry === 'string' ? parseNetworks(entry) : undefined
    if (parsed === undefined)
      return invalid(
        option,
        entry,
        `Give addresses, networks such as '10.0.0.0/8', or 'loopback', 'linklocal', 'uniquelocal', 'private'.`,
      )
    for (const network of parsed) {
      if (network.bits < SHORTEST[network.family])
        invalid(option, entry, 'It would believe strangers. Name the addresses of your own proxies.')
      networks.set(network.text, network)
    }
  }
  return [...networks.values()]
}

/** Whether an address lies in one of the networks. */
export function isWithin(networks: readonly Network[], address: Address): boolean {
  for (const network of networks) if (contains(network, address)) return true
  return false
}
