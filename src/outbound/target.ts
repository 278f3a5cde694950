/** Whether a request may be made to an address, and to which of its IP addresses: every one is looked at, and the connection is pinned to them. */
import { isIP } from 'node:net'
import { contains, parseAddress } from '../http/ip.ts'
import { OutboundError } from './errors.ts'
import type { Reach, Resolve } from './options.ts'
import { isPublicAddress } from './public-address.ts'

/** Where a request goes, and nowhere else. */
export interface Target {
  readonly url: URL
  /** Checked; the connection is made to one of these. */
  readonly addresses: readonly { readonly address: string; readonly family: 4 | 6 }[]
}

/** Reads an address as text. Rejects what no client of ours should be sent to. */
export function readTarget(address: string | URL): URL {
  const url = URL.parse(String(address))
  if (url === null || url.hostname === '') throw new OutboundError('scheme', 'an address that cannot be read')
  url.hash = ''
  // The root's dot names the same host: without it there is one spelling.
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1)
  return url
}

/** Resolves the name once and checks all that it has. Rejects with OutboundError. */
export async function resolveTarget(url: URL, reach: Reach, resolve: Resolve): Promise<Target> {
  const { hostname, protocol } = url
  const insecure = reach.insecure.has(`${hostname}:${url.port === '' ? (protocol === 'https:' ? '443' : '80') : url.port}`)
  if (protocol !== 'https:' && !(protocol === 'http:' && insecure)) throw new OutboundError('scheme', hostname)
  if (url.username !== '' || url.password !== '') throw new OutboundError('userinfo', hostname)
  if (!insecure && reach.hosts?.has(hostname) === false) throw new OutboundError('host', hostname)
  const bare = hostname.replace(/^\[|\]$/g, '')
  const found = isIP(bare) === 0 ? await lookUp(bare, resolve) : [bare]
  // One bad address among good ones refuses them all: which one a connection takes is chance, or the attacker's choice.
  if (!insecure && !found.every((address) => mayReach(address, reach))) throw new OutboundError('address', hostname)
  return { url, addresses: found.map((address) => ({ address, family: isIP(address) === 6 ? 6 : 4 })) }
}

async function lookUp(hostname: string, resolve: Resolve): Promise<readonly string[]> {
  let found: readonly string[]
  try {
    found = await resolve(hostname)
  } catch (cause) {
    throw new OutboundError('unresolved', hostname, { cause })
  }
  if (found.length === 0 || !found.every((address) => isIP(address) !== 0)) throw new OutboundError('unresolved', hostname)
  return found
}

function mayReach(text: string, { networks }: Reach): boolean {
  if (isPublicAddress(text)) return true
  const address = parseAddress(text)
  // Only plain spellings: what carries another address is never private by name.
  return (
    address !== undefined &&
    networks.some((network) => (isIP(text) === 6) === (address.family === 6) && contains(network, address))
  )
}
