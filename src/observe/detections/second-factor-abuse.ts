/** Somebody who has the first proof guesses codes of the second, or has codes sent until the owner gives in. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { event, times, MINUTE, SECOND } from '../detecting/replay.ts'
import { accountOf, fact, isFactorDoor, loginOf, type EventSignal } from '../detecting/signal.ts'

const fail = (index: number) =>
  event('authn_login_fail', { at: index * SECOND, data: { door: 'second-factor', login: 'a-login', userId: 'u1' } })
const asked = (index: number) =>
  event('authn_second_factor_asked', { at: index * MINUTE, data: { userId: 'u1', door: 'password' } })
const used = (at: number) => event('authn_factor_used', { at, data: { userId: 'u1', kind: 'totp' } })

export const secondFactorAbuse = defineDetection({
  name: 'second-factor-abuse',
  severity: 'high',
  why: 'Codes of a second factor are guessed or asked for again and again, so somebody has the password already.',
  anchors: ['T1621', 'ASVS 6.6.3', 'ASVS 6.6.4'],
  needs: ['authn_login_fail', 'authn_login_lock', 'authn_second_factor_asked', 'authn_code_sent', 'authn_factor_used'],
  thresholds: {
    fails: count(5, 'wrong codes of one account that are borne at once'),
    asks: count(3, 'requests for a code of one account that are borne without one being used'),
    leak: time(10 * MINUTE, 'in which one of either is forgotten'),
  },
  automatic: ['slow-down', 'notify-user'],
  offered: ['force-password-change', 'lock-account', 'end-user-sessions'],
  replay: {
    fires: ({ fails }) => times(fails + 1, fail),
    nearMiss: ({ asks, fails }) => [
      ...times(asks, asked),
      used(asks * MINUTE),
      ...times(asks, (index) => asked(index + asks)),
      ...times(fails, (index) => fail(index + asks * 2 * 60)),
    ],
  },
  start: ({ thresholds: { fails, asks, leak }, overflow }) => [
    overflow({
      ...{ holds: fails, leak, kind: 'wrong codes' },
      // A refusal without looking knows the name alone.
      by: (event) => (isWrongCode(event) ? (loginOf(event) ?? fact(event, 'userId')) : undefined),
      target: accountOf,
      tell: ({ count }) => ({ why: `${count} wrong codes of one account` }),
    }),
    overflow({
      ...{ holds: asks, leak, kind: 'requests' },
      by: (event) => (asksForCode(event) ? accountOf(event)?.value : undefined),
      empties: (event) => (event.type === 'authn_factor_used' ? accountOf(event)?.value : undefined),
      target: accountOf,
      tell: ({ count }) => ({ why: `${count} requests for codes of one account` }),
    }),
  ],
})

function isWrongCode(event: EventSignal): boolean {
  return (event.type === 'authn_login_fail' || event.type === 'authn_login_lock') && isFactorDoor(event)
}

function asksForCode(event: EventSignal): boolean {
  return event.type === 'authn_second_factor_asked' || (event.type === 'authn_code_sent' && isFactorDoor(event))
}
