/** What may be set about requests to other servers. Nonsense is refused when the guard is made. */
import { isIP } from 'node:net'
import { contains, parseNetwork, type Network } from '../http/ip.ts'
import { parseAddress } from '../http/ip-address.ts'
import type { OutboundError } from './errors.ts'

/** All addresses of a host name, as text. */
export type Resolve = (hostname: string) => Promise<readonly string[]>

/** What is said of a request that did not succeed. */
export interface OutboundReport {
  readonly type: 'outbound_refused' | 'outbound_failed'
  /** The host that was asked for, without path or query. */
  readonly host: string
  /** Where its answer led, when it was there that the request was refused or failed. */
  readonly ledTo?: string
  readonly reason: OutboundError['reason']
}

export interface OutboundOptions {
  /** `'public-only'`: every host whose addresses are public. A list: these hosts alone, by exact name, and public addresses alone. @default 'public-only' */
  readonly allow?: 'public-only' | readonly string[]
  /** Private networks that may be reached as well, as `'10.1.0.0/16'`. Loopback and link-local may not be named here. @default [] */
  readonly networks?: readonly string[]
  /** Hosts, as `'localhost:4000'`, that may be reached wherever they are, and without TLS. For tests and for development. @default none */
  readonly insecureAllowHosts?: { readonly hosts: readonly string[]; readonly reason: string; readonly until: string }
  /** Certificates of authorities, PEM, in place of those that Node trusts. @default those of Node */
  readonly ca?: string | readonly string[]
  /** How many times an answer may lead on. @default 3 */
  readonly redirects?: number
  /** Most bytes of a body, also after its coding was undone. @default 1048576 */
  readonly maxBody?: number
  /** Most bytes of a head. @default 16384 */
  readonly maxHead?: number
  /** Milliseconds until the head of an answer must be there. @default 5000 */
  readonly headTimeout?: number
  /** Milliseconds for all of it: name, connection, every redirect, body. @default 10000 */
  readonly timeout?: number
  /** @default the resolver of the system */
  readonly resolve?: Resolve
  /** Hears of what was refused and what failed. @default nobody does */
  readonly report?: (report: OutboundReport) => void
  /** The clock, for the last day of `insecureAllowHosts`. @default Date.now */
  readonly now?: () => number
}

export interface Limits {
  readonly redirects: number
  readonly maxBody: number
  readonly maxHead: number
  readonly headTimeout: number
  readonly timeout: number
}

/** What may be reached, worked out once. */
export interface Reach {
  /** `undefined`: every host. */
  readonly hosts: ReadonlySet<string> | undefined
  readonly networks: readonly Network[]
  /** `host:port` that may be anywhere. */
  readonly insecure: ReadonlySet<string>
}

const NAMES: ReadonlySet<string> = new Set<keyof OutboundOptions>([
  ...(['allow', 'networks', 'insecureAllowHosts', 'ca', 'redirects', 'maxBody', 'maxHead', 'headTimeout'] as const),
  ...(['timeout', 'resolve', 'report', 'now'] as const),
])
const NEVER: readonly Network[] = ['127.0.0.0/8', '169.254.0.0/16', '0.0.0.0/8', '::1/128', 'fe80::/10'].map((text) =>
  parseNetwork(text)!,
)
const DEFAULTS: Limits = { redirects: 3, maxBody: 1_048_576, maxHead: 16_384, headTimeout: 5000, timeout: 10_000 }
const HOST = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/

/** Throws RangeError for limits that cannot work. */
export function readLimits(options: OutboundOptions): Limits {
  for (const name of Object.keys(options)) {
    if (!NAMES.has(name)) throw new RangeError(`outbound.${name} is not an option. There are ${[...NAMES].join(', ')}.`)
  }
  const limits = Object.fromEntries(
    Object.entries(DEFAULTS).map(([name, usual]) => [name, options[name as keyof Limits] ?? usual]),
  ) as unknown as Limits
  for (const [name, value] of Object.entries(limits)) {
    const [least, most] = name === 'redirects' ? [0, 10] : [1, 2 ** 30]
    if (!Number.isInteger(value) || value < least || value > most)
      throw new RangeError(`outbound.${name} is ${value}. Give a whole number from ${least} to ${most}.`)
  }
  return limits
}

/** Throws RangeError for hosts and networks that cannot be meant, and for an exception without reason or past its day. */
export function readReach({ allow = 'public-only', networks = [], insecureAllowHosts, now = Date.now }: OutboundOptions): Reach {
  if (allow !== 'public-only' && !Array.isArray(allow))
    throw new RangeError(`outbound.allow is ${JSON.stringify(allow)}. Write 'public-only', or a list of hosts.`)
  return {
    hosts: allow === 'public-only' ? undefined : new Set(allow.map(readHost)),
    networks: networks.map(readNetwork),
    insecure: new Set(insecureAllowHosts === undefined ? [] : readInsecure(insecureAllowHosts, now())),
  }
}

function readHost(text: string): string {
  if (isIP(text) === 0 && (!HOST.test(text) || text.length > 253))
    throw new RangeError(
      `outbound.allow names ${JSON.stringify(text)}. Write a host in lower case, without scheme or port: 'api.example'.`,
    )
  return isIP(text) === 6 ? `[${parseAddress(text)!.text}]` : text
}

function readNetwork(text: string): Network {
  const network = parseNetwork(text)
  if (network === undefined)
    throw new RangeError(`outbound.networks names ${JSON.stringify(text)}. Write a network: '10.1.0.0/16'.`)
  const reaches = (never: Network) =>
    never.family === network.family && (contains(network, baseOf(never)) || contains(never, baseOf(network)))
  if (NEVER.some(reaches))
    throw new RangeError(`outbound.networks names ${text}, which reaches this machine or its link. Name a smaller network.`)
  return network
}

function baseOf({ family, bytes, text }: Network) {
  return { family, bytes, text }
}

function readInsecure(
  { hosts, reason, until }: NonNullable<OutboundOptions['insecureAllowHosts']>,
  now: number,
): readonly string[] {
  const end = /^\d{4}-\d{2}-\d{2}$/.test(until) ? Date.parse(`${until}T23:59:59.999Z`) : Number.NaN
  if (typeof reason !== 'string' || reason.trim().length < 10)
    throw new RangeError('outbound.insecureAllowHosts does not say why. Write a reason.')
  if (Number.isNaN(end) || end < now)
    throw new RangeError(
      `outbound.insecureAllowHosts was allowed until ${until}. Write a later day, as YYYY-MM-DD, or remove it.`,
    )
  for (const host of hosts) {
    const url = URL.parse(`https://${host}`)
    if (url === null || !/:\d+$/.test(host) || url.pathname !== '/' || url.username !== '')
      throw new RangeError(`outbound.insecureAllowHosts names ${JSON.stringify(host)}. Write host and port: 'localhost:4000'.`)
  }
  return hosts.map((host) => host.toLowerCase())
}
