/** What the client control finds out beyond the engine's own facts. */
import { slot } from '../../engine/exchange.ts'

/** Whether the socket's other end is one of the declared proxies: only then does what it adds to a request count. */
export const TrustedPeer = slot<boolean>('trusted-peer')
