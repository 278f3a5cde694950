/**
 * Who is at the other end: one canonical address for each client, believed only from the socket or from our own proxies.
 * Stops limits and logs from being dodged or turned on others by invented headers (A31, A33), and by other spellings of an address (A35, A36).
 * Sources: RFC 7239 §8.1, RFC 5952, RFC 6177 (sites get a /48); OWASP ASVS 5.0 4.1.3 (headers of intermediaries cannot be overridden).
 */
import { defineControl } from '../../engine/control.ts'
import { Client, Encrypted } from '../../engine/facts.ts'
import type { Finding } from '../../engine/finding.ts'
import { invalid, wholeNumber, withDefaults } from '../../engine/options.ts'
import { createAddressParser, network, type Address, type Network } from '../../http/ip.ts'
import { readForwarding, type ForwardedHeader, type Forwarding } from './forwarding.ts'
import { TrustedPeer } from './slot.ts'
import { isWithin, readNetworks } from './trust.ts'

export interface ClientOptions {
  /**
   * Your proxies: addresses, networks (`'10.0.0.0/8'`) or `'loopback'`, `'linklocal'`, `'uniquelocal'`, `'private'`.
   * Only a socket that comes from one of them is believed about the client.
   * @default []
   */
  readonly trustedProxies?: readonly string[]
  /** The header your proxies write; the other one is ignored. @default 'x-forwarded-for' */
  readonly forwarded?: ForwardedHeader
  /** How many declared proxies may stand in a row, 1 to 32. @default 8 */
  readonly hops?: number
}

const DEFAULTS: Required<ClientOptions> = { trustedProxies: [], forwarded: 'x-forwarded-for', hops: 8 }

/** Fail closed: without a client address all requests share one bucket. */
const UNKNOWN: Client = Object.freeze({ address: 'unknown', network: 'unknown', site: undefined })

const REMEMBERED = 1024

export const client = defineControl({
  name: 'client',
  gives: [Client, Encrypted, TrustedPeer],

  options(input: ClientOptions | undefined) {
    const options = withDefaults('client', DEFAULTS, input)
    if (options.forwarded !== 'x-forwarded-for' && options.forwarded !== 'forwarded')
      invalid('client.forwarded', options.forwarded, `Write 'x-forwarded-for' or 'forwarded'.`)
    wholeNumber('client.hops', options.hops, 1, 32)
    return { ...options, networks: readNetworks('client.trustedProxies', options.trustedProxies) }
  },

  *check({ networks }): Iterable<Finding> {
    for (const { family, bits, text } of networks) {
      if (bits >= (family === 4 ? 8 : 32) || text === 'fc00::/7' || text === 'fe80::/10') continue
      yield {
        id: 'HF-CLIENT-1',
        severity: 'high',
        what: `${text} is declared as a proxy.`,
        fix: 'Name the addresses of your own proxies.',
      }
    }
  },

  start({ options: { networks, forwarded, hops } }) {
    const parsePeer = createAddressParser(REMEMBERED)
    const describe = createDescriber(REMEMBERED)
    const limit = { networks, hops }

    return {
      enter(x) {
        const peer = parsePeer(x.peer)
        const trusted = peer !== undefined && networks.length > 0 && isWithin(networks, peer)
        x.set(TrustedPeer, trusted)
        if (!trusted) {
          x.set(Client, describe(peer))
          x.set(Encrypted, x.encrypted)
          return
        }
        const forwarding = readForwarding(x, forwarded)
        x.set(Client, describe(findClient(peer, forwarding, limit)))
        x.set(Encrypted, forwarding.encrypted ?? x.encrypted)
      },
    }
  },
})

interface Limit {
  readonly networks: readonly Network[]
  readonly hops: number
}

/** The first address from the right that is no proxy of ours. `undefined` when an entry on the way is no address. */
function findClient(peer: Address, { addresses }: Forwarding, { networks, hops }: Limit): Address | undefined {
  let nearest: Address = peer
  for (let hop = 0; hop < addresses.length; hop++) {
    const address = addresses[hop]
    if (address === undefined) return undefined
    nearest = address
    if (hop + 1 >= hops || !isWithin(networks, address)) return nearest
  }
  return nearest
}

/** Describes addresses and remembers the last `max` descriptions: clients come back. */
function createDescriber(max: number): (address: Address | undefined) => Client {
  const known = new Map<string, Client>()
  return (address) => {
    if (address === undefined) return UNKNOWN
    const hit = known.get(address.text)
    if (hit !== undefined) return hit
    if (known.size === max) known.delete(known.keys().next().value!)
    const described = describeAddress(address)
    known.set(address.text, described)
    return described
  }
}

/** One customer is an IPv4 address or an IPv6 /64; one site, which can rotate through its networks, a /48. */
function describeAddress(address: Address): Client {
  if (address.family === 4) return { address: address.text, network: address.text, site: undefined }
  return { address: address.text, network: network(address, 64), site: network(address, 48) }
}
