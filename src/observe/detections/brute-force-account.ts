/** Somebody guesses the password of one account, from wherever. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { address, event, times, DAY, MINUTE, SECOND } from '../detecting/replay.ts'
import { accountOf, clientOf, fact, isFactorDoor, type EventSignal } from '../detecting/signal.ts'
import { lengthOf } from '../detecting/words.ts'

const fail = (index: number, at: number, login = 'a-login') =>
  event('authn_login_fail', { at, client: address(index), data: { door: 'password', login, userId: 'u1' } })

export const bruteForceAccount = defineDetection({
  name: 'brute-force-account',
  severity: 'medium',
  why: 'One account fails again and again, so somebody may be guessing its password.',
  anchors: ['T1110.001', 'ASVS 6.3.1', 'AppSensor AE2'],
  needs: ['authn_login_fail', 'authn_login_success'],
  thresholds: {
    holds: count(5, 'failures of one account that are borne at once'),
    leak: time(MINUTE, 'in which one failure is forgotten'),
    inARow: count(100, 'failures in a row that are borne without a success between, however slow'),
  },
  automatic: ['slow-down'],
  offered: ['require-step-up', 'notify-user', 'lock-account'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => fail(index, index * SECOND)),
    nearMiss: ({ holds, leak }) => times(holds + 3, (index) => fail(index, index * (leak + SECOND))),
  },
  start({ thresholds: { holds, leak, inARow }, bucket, fire }) {
    const target = (event: EventSignal) => accountOf(event)
    const quick = bucket<EventSignal>({
      holds,
      leak,
      target,
      overflow: ({ key, signal, count, targets }) =>
        fire(
          {
            key,
            actors: [clientOf(signal)],
            targets,
            why: `${count} failed sign-ins of one account within ${lengthOf(leak * holds)}`,
          },
          signal,
        ),
    })
    const slow = bucket<EventSignal>({
      holds: inARow,
      leak: DAY,
      target,
      overflow: ({ key, signal, count, targets }) => {
        const why = `${count} failed sign-ins of one account in a row`
        fire({ key: `row:${key}`, actors: [clientOf(signal)], targets, why, severity: 'high' }, signal)
      },
    })
    return {
      event(event) {
        const user = fact(event, 'userId')
        if (event.type === 'authn_login_success') return user === undefined ? undefined : slow.empty(user)
        const login = fact(event, 'login')
        if (login === undefined || isFactorDoor(event)) return
        quick.pour(login, event)
        slow.pour(user ?? login, event)
      },
    }
  },
})
