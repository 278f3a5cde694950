/** Somebody guesses the password of one account, from wherever. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { address, event, times, DAY, MINUTE, SECOND } from '../detecting/replay.ts'
import { accountOf, fact, failedLogin, loginOf } from '../detecting/signal.ts'
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
  start: ({ thresholds: { holds, leak, inARow }, overflow }) => [
    overflow({
      ...{ holds, leak },
      by: failedLogin,
      target: accountOf,
      tell: ({ count }) => ({ why: `${count} failed sign-ins of one account within ${lengthOf(leak * holds)}` }),
    }),
    overflow({
      ...{ holds: inARow, leak: DAY, kind: 'in a row' },
      by: (event) => failedLogin(event) && (fact(event, 'userId') ?? loginOf(event)),
      empties: (event) => (event.type === 'authn_login_success' ? fact(event, 'userId') : undefined),
      target: accountOf,
      tell: ({ count }) => ({ why: `${count} failed sign-ins of one account in a row`, severity: 'high' }),
    }),
  ],
})
