/**
 * Whether a request was sent by a program of this machine itself, and not handed on by one. The address that proxies tell is not looked at:
 * the socket must come from loopback, nothing may say that it was handed on, and it must have been sent to this machine by name.
 */
import type { Exchange } from '../../engine/exchange.ts'
import { parseHost } from '../../http/host.ts'
import { isLoopback, parseAddress } from '../../http/ip.ts'
import { isOwnMachine } from '../../http/own-machine.ts'
import { TrustedPeer } from '../client/slot.ts'

/** What proxies and tunnels add. One of these, whatever it says, and the request comes from elsewhere. */
const HANDED_ON = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'cf-ray',
  'via',
]

export function isThisMachine(x: Exchange): boolean {
  const peer = parseAddress(x.peer)
  // A declared proxy on this machine hands on what came from anywhere.
  if (peer === undefined || !isLoopback(peer) || x.need(TrustedPeer)) return false
  if (HANDED_ON.some((name) => x.header(name) !== undefined)) return false
  // Whose page sends this by a name of its own that leads here (DNS rebinding) is not this machine.
  const host = parseHost(x.header('host') ?? '')
  return host.ok && isOwnMachine(host.hostname)
}
