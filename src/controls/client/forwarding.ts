/**
 * Reads what declared proxies say about the client, right to left: each proxy appends what it saw, so only the entries on the
 * right were written by somebody we know, and everything left of the first stranger is what that stranger claims.
 * Sources: RFC 7239 §5.2 and §8.1, OWASP "Bypassing IP restrictions"; MDN X-Forwarded-For "Selecting an IP address".
 */
import type { Exchange } from '../../engine/exchange.ts'
import { parseForwarded, parseForwardedFor, parseNode } from '../../http/forwarded.ts'
import { parseAddress, type Address } from '../../http/ip.ts'

/** Which header the proxies write. The other one is the client's to invent, so it is ignored. */
export type ForwardedHeader = 'x-forwarded-for' | 'forwarded'

export interface Forwarding {
  /** Right to left over the entries: `undefined` where one is no address. Empty when the proxy said nothing. */
  readonly addresses: readonly (Address | undefined)[]
  /** Whether the nearest proxy was reached encrypted; `undefined` when it did not say. */
  readonly encrypted: boolean | undefined
}

const SILENT: Forwarding = { addresses: [], encrypted: undefined }
/** A proxy that says something unreadable is not believed in part: one unknown client, not encrypted. */
const UNREADABLE: Forwarding = { addresses: [undefined], encrypted: false }

export function readForwarding(x: Exchange, header: ForwardedHeader): Forwarding {
  return header === 'forwarded'
    ? readStandard(x.header('forwarded'))
    : readCustomary(x.header('x-forwarded-for'), x.header('x-forwarded-proto'))
}

function readStandard(value: string | undefined): Forwarding {
  if (value === undefined) return SILENT
  const elements = parseForwarded(value)
  if (elements === undefined) return UNREADABLE
  const addresses = elements.toReversed().map((element) => nodeAddress(element.for))
  return { addresses, encrypted: isEncrypted(elements.at(-1)?.proto) }
}

function nodeAddress(text: string | undefined): Address | undefined {
  const node = text === undefined ? undefined : parseNode(text)
  return node?.kind === 'address' ? node.address : undefined
}

function readCustomary(addresses: string | undefined, proto: string | undefined): Forwarding {
  // The nearest proxy's word is the last one; what stands before it came with the request.
  const last = proto === undefined ? undefined : proto.slice(proto.lastIndexOf(',') + 1).trim()
  const encrypted = isEncrypted(last)
  if (addresses === undefined) return encrypted === undefined ? SILENT : { addresses: [], encrypted }
  return { addresses: parseForwardedFor(addresses).toReversed().map(parseAddress), encrypted }
}

/** Only the two words there are mean yes; an unknown word means no. */
function isEncrypted(proto: string | undefined): boolean | undefined {
  if (proto === undefined) return undefined
  const word = proto.toLowerCase()
  return word === 'https' || word === 'wss'
}
