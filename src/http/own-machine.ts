/** Whether a name or an address in an origin, a Host field or a setting means this very machine. */
import { isLoopback, parseAddress } from './ip.ts'

/** `localhost`, or an address of loopback, with or without the brackets of IPv6. */
export function isOwnMachine(hostname: string): boolean {
  const address = parseAddress(hostname.replace(/^\[(.*)\]$/, '$1'))
  return address === undefined ? hostname === 'localhost' : isLoopback(address)
}
