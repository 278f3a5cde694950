/** How a request is refused that a response is against: says when to come again, and tells the log once a second which response it was. */
import type { Emit } from '../../engine/events.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { createQuiet } from '../../engine/quiet.ts'
import { deny, type Reply } from '../../engine/reply.ts'
import { retryAfter } from '../../http/rate-limit-fields.ts'
import type { Active } from './hold.ts'

export type Refusing = (x: Exchange, held: Active, status: number, code: string) => Reply

/** Whoever is held for longer may ask in between whether it was undone. */
const LONGEST = 3600

export function createRefusing(emit: Emit): Refusing {
  const quiet = createQuiet()
  return (x, held, status, code) => {
    const times = quiet.heard(held.id, x.time)
    if (times > 0) emit({ type: 'containment_refused', data: { response: held.id, code, times } }, x)
    const seconds = Math.min((held.until - x.time) / 1000, LONGEST)
    return deny(status, code, { reason: `response ${held.id}`, head: { 'retry-after': retryAfter(seconds) } })
  }
}
