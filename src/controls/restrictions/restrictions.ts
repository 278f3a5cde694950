/**
 * Holds requests that a response is against by who asks: accounts, sessions, keys and apps that are held, new proofs that are asked for,
 * and strangers behind a blocked address. It stands where it is known who asks, and before anything is done for them.
 * Sources: OWASP AppSensor (responses); OWASP ASVS 5.0 7.4 (ending access), 7.5.3 (asking again).
 */
import { defineControl } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Principal } from '../../engine/facts.ts'
import { withDefaults } from '../../engine/options.ts'
import { deny, type Reply } from '../../engine/reply.ts'
import type { Active } from '../../observe/responses/hold.ts'
import type { InForce } from '../../observe/responses/in-force.ts'
import { createRefusing } from '../../observe/responses/refusing.ts'
import { Spared } from '../../observe/responses/spared.ts'
import { Contained } from '../containment/slot.ts'
import { Session } from '../session/slot.ts'

/** There is nothing to set: what is held is a response. */
export type RestrictionsOptions = Readonly<Record<never, never>>

const ASK_APP = { 'www-authenticate': 'Bearer error="insufficient_user_authentication", max_age="0"' }

export const restrictions = defineControl({
  name: 'restrictions',
  needs: [Principal],
  options: (input?: RestrictionsOptions) => withDefaults('restrictions', {}, input),
  start({ use, emit }) {
    const spared = use(Spared)
    const refuse = createRefusing(emit)

    return {
      enter(x: Exchange): Reply | undefined {
        const contained = x.get(Contained)
        if (contained === undefined) return undefined
        const { inForce, blocked } = contained
        if (blocked && !wasHereBefore(x, blocked.since)) return refuse(x, blocked, 429, 'address-blocked')
        const held = heldBy(x, inForce)
        if (held) return x.route.public ? asNobody(x) : refuse(x, held, 403, 'account-held')
        return spared(x.path) || x.route.public ? undefined : stepUp(x, inForce)
      },
    }
  },
})

/** A session from before the block is no stranger's, if it asks from its own browser. Keys and apps prove no presence. */
function wasHereBefore(x: Exchange, since: number): boolean {
  const session = x.get(Session)
  return session !== null && session !== undefined && session.session.createdAt < since
}

/** The hold on the user, on who acts as them, or on what they ask with. */
function heldBy(x: Exchange, inForce: InForce): Active | undefined {
  const principal = x.get(Principal)
  if (!principal) return undefined
  const session = x.get(Session)
  return (
    inForce.refused('user', principal.id, x.time) ??
    (principal.impersonatedBy && inForce.refused('user', principal.impersonatedBy.id, x.time)) ??
    (session ? inForce.refused('session', session.session.id, x.time) : undefined) ??
    (principal.apiKey === undefined ? undefined : inForce.refused('api-key', principal.apiKey, x.time)) ??
    (principal.app === undefined ? undefined : inForce.refused('app', principal.app, x.time))
  )
}

/** What is open to everybody stays open to them, as to anybody: they are nobody there, and may sign out or take the account back. */
function asNobody(x: Exchange): undefined {
  x.set(Principal, null)
  return undefined
}

/** Whoever proved it after the response began goes on. A program cannot: its keys are revoked, not asked. */
function stepUp(x: Exchange, inForce: InForce): Reply | undefined {
  const principal = x.get(Principal)
  if (!principal || principal.apiKey !== undefined) return undefined
  const asked = inForce.provedAfter(principal.impersonatedBy?.id ?? principal.id, x.time)
  if (asked === undefined || principal.provedAt > asked) return undefined
  const reason = 'a response asks for a new proof'
  if (principal.app !== undefined) return deny(401, 'insufficient-user-authentication', { reason, head: ASK_APP })
  return deny(401, 'recent-proof-required', { reason })
}
