/**
 * Holds requests that a response is against, by where they come from and what they ask for: blocked addresses, closed routes, read-only.
 * What depends on who asks comes later, in `restrictions`. Stops an attack that was noticed from going on while people think.
 * Sources: OWASP AppSensor (responses); NIST SP 800-61r3 (contain); RFC 6585 §4 and RFC 9110 §10.2.3 (429, 503, Retry-After).
 */
import { defineControl, type Verdict } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Client } from '../../engine/facts.ts'
import type { Reply } from '../../engine/reply.ts'
import { isSafeMethod } from '../../http/method.ts'
import { Containments } from '../../observe/responses/containments.ts'
import { createRefusing } from '../../observe/responses/refusing.ts'
import { Spared } from '../../observe/responses/spared.ts'
import { sentSession } from '../session/slot.ts'
import { checkContainment, readContainmentOptions, type ContainmentInput } from './options.ts'
import { Contained } from './slot.ts'

export const containment = defineControl({
  name: 'containment',
  needs: [Client],
  options: (input?: ContainmentInput) => readContainmentOptions(input),
  check: checkContainment,
  start({ use, emit }) {
    const containments = use(Containments)
    const spared = use(Spared)
    const refuse = createRefusing(emit)

    function enter(x: Exchange): Verdict | Promise<Verdict> {
      const due = containments.refresh(x.time)
      return due === undefined ? decide(x) : due.then(() => decide(x))
    }

    function decide(x: Exchange): Reply | undefined {
      const { inForce } = containments
      if (inForce.empty) return undefined
      const blocked = inForce.blocked(x.need(Client), x.time)
      x.set(Contained, { inForce, blocked })
      // Many may be behind one address. Who was signed in there before goes on: whether they were is known once the session is.
      if (blocked && (blocked.hold.everybody || !sentSession(x))) return refuse(x, blocked, 429, 'address-blocked')
      if (spared(x.path)) return undefined
      const closed = inForce.closed(x.method === 'HEAD' ? 'GET' : x.method, x.path, x.time)
      if (closed) return refuse(x, closed, 503, 'route-closed')
      const readOnly = isSafeMethod(x.method) ? undefined : inForce.readOnly(x.time)
      return readOnly && refuse(x, readOnly, 503, 'read-only')
    }

    return { enter }
  },
})
