/**
 * The cookie of a browser in which somebody signed in before, whichever door they came in by: its failures count apart, so that nobody
 * can lock its owner out, and nobody else's failures count against it. Source: OWASP "Slow Down Online Guessing Attacks with Device
 * Cookies"; decision 26.
 */
import { KnownDevice } from '../../console/browser-cookies.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { Reply } from '../../engine/reply.ts'
import type { Desk } from './desk.ts'
import { Admitted } from './slot.ts'

export interface Knowing {
  /** Reads the cookie, for all that count failures. */
  recognise(x: Exchange): void
  /** Gives the browser a new one, where the door let somebody in. */
  note(x: Exchange, answered: Reply | Promise<Reply>): Reply | Promise<Reply>
}

export function createKnowing({ accounts, knownDevice }: Pick<Desk, 'accounts' | 'knownDevice'>): Knowing {
  const { knownDevices } = accounts

  return {
    recognise(x) {
      // Nothing is guessed by reading a page.
      if (x.method === 'GET' || x.method === 'HEAD') return
      const held = knownDevice.read(x)
      if (held !== undefined) x.set(KnownDevice, held)
    },
    async note(x, answered) {
      const reply = await answered
      const admitted = x.get(Admitted)
      if (admitted) knownDevice.hold(x, knownDevices.issue(admitted.principal.login).reveal(), knownDevices.life)
      return reply
    },
  }
}
