/** Sign-ins fail everywhere at once, from no place in particular. */
import { count, defineDetection, ratio, time } from '../detecting/definition.ts'
import { address, event, times, SECOND } from '../detecting/replay.ts'
import { clientOf, fact, isFactorDoor, type EventSignal } from '../detecting/signal.ts'

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
  start({ thresholds: { holds, leak, share, spread }, bucket, fire }) {
    const failed = new Float64Array(SLOTS)
    const succeeded = new Float64Array(SLOTS)
    let current = 0

    /** Moves on to the slot of this instant, and empties those between. */
    function slotOf(now: number): number {
      const slot = Math.floor(now / SLOT)
      for (let next = Math.max(current + 1, slot - SLOTS + 1); next <= slot; next++)
        failed[next % SLOTS] = succeeded[next % SLOTS] = 0
      current = Math.max(current, slot)
      return slot % SLOTS
    }

    const fails = bucket<EventSignal>({
      holds,
      leak,
      overflow({ signal }) {
        const [wrong, right] = [sum(failed), sum(succeeded)]
        let slots = 0
        for (const many of failed) if (many > 0) slots++
        if (slots < spread || wrong / (wrong + right) <= share) return
        const why = `${wrong} of ${wrong + right} sign-ins of the last two minutes failed`
        fire({ key: 'all', actors: [clientOf(signal)], targetCount: wrong, why }, signal)
      },
    })
    return {
      event(event) {
        if (isFactorDoor(event) || (event.type === 'authn_login_fail' && fact(event, 'login') === undefined)) return
        const slot = slotOf(event.time)
        const slots = event.type === 'authn_login_success' ? succeeded : failed
        slots[slot]!++
        if (slots === failed) fails.pour('all', event)
      },
    }
  },
})

function sum(slots: Float64Array): number {
  let total = 0
  for (const many of slots) total += many
  return total
}
