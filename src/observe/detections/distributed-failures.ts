/** Sign-ins fail everywhere at once, from no place in particular. */
import { count, defineDetection, ratio, time } from '../detecting/definition.ts'
import { address, event, times, SECOND } from '../detecting/replay.ts'
import { isFactorDoor, loginOf, type EventSignal } from '../detecting/signal.ts'

const SLOT = 10_000
const SLOTS = 12

const fail = (index: number) =>
  event('authn_login_fail', {
    at: index * 4 * SECOND,
    client: address(index * 256),
    data: { door: 'password', login: `login${index}` },
  })
const success = (index: number) =>
  event('authn_login_success', { at: index * 4 * SECOND + 1, client: address(index), data: { userId: `u${index}` } })

export const distributedFailures = defineDetection({
  name: 'distributed-failures',
  severity: 'high',
  why: 'Most sign-ins of the last two minutes failed: guesses that are spread so widely that nothing else sees them.',
  anchors: ['T1110', 'ASVS 6.3.1'],
  needs: ['authn_login_fail', 'authn_login_success'],
  thresholds: {
    holds: count(24, 'failures of all accounts together that are borne at once'),
    leak: time(5 * SECOND, 'in which one failure is forgotten'),
    share: ratio(0.5, 'share of failures among the sign-ins of two minutes that is borne'),
    spread: {
      ...count(6, 'tenths of two minutes in which there must be failures: a burst is no attack of this kind'),
      most: SLOTS,
    },
  },
  automatic: ['tighten-limit'],
  offered: ['require-step-up', 'raise-log-level'],
  replay: {
    fires: ({ holds }) => times(holds * 6, fail),
    nearMiss: ({ holds }) => times(holds * 18, (index) => (index % 3 === 0 ? fail(index / 3) : success(Math.floor(index / 3)))),
  },
  start({ thresholds: { holds, leak, share, spread }, overflow }) {
    const { sum, add } = createSum()
    return [
      (event) => isFirstProof(event) && add(event),
      overflow({
        ...{ holds, leak },
        by: (event) => (event.type === 'authn_login_fail' && isFirstProof(event) ? 'all' : undefined),
        when: () => sum.spread >= spread && sum.failed / (sum.failed + sum.succeeded) > share,
        tell: () => ({
          why: `${sum.failed} of ${sum.failed + sum.succeeded} sign-ins of the last two minutes failed`,
          targetCount: sum.failed,
        }),
      }),
    ]
  },
})

function isFirstProof(event: EventSignal): boolean {
  return !isFactorDoor(event) && (event.type === 'authn_login_success' || loginOf(event) !== undefined)
}

/** Sign-ins of the last two minutes, as far as this process knows. */
function createSum() {
  const sum = { failed: 0, succeeded: 0, spread: 0 }
  const slots = Array.from({ length: SLOTS }, () => ({ failed: 0, succeeded: 0 }))
  let current = 0

  /** Moves on to the slot of this instant, and empties those between. */
  function slotOf(now: number) {
    const slot = Math.floor(now / SLOT)
    for (let next = Math.max(current + 1, slot - SLOTS + 1); next <= slot; next++) empty(next % SLOTS)
    current = Math.max(current, slot)
    return slots[slot % SLOTS]!
  }

  function empty(place: number): void {
    const { failed, succeeded } = slots[place]!
    sum.failed -= failed
    sum.succeeded -= succeeded
    if (failed > 0) sum.spread--
    slots[place] = { failed: 0, succeeded: 0 }
  }

  return {
    /** `spread`: in how many of the slots anything failed. */
    sum: sum as Readonly<typeof sum>,
    add({ type, time: now }: EventSignal): void {
      const slot = slotOf(now)
      const which = type === 'authn_login_success' ? 'succeeded' : 'failed'
      if (which === 'failed' && slot.failed === 0) sum.spread++
      slot[which]++
      sum[which]++
    },
  }
}
