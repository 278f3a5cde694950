/** After many failures somebody is in: the guess may have been right. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { address, event, MINUTE, SECOND, times } from '../detecting/replay.ts'
import { askersOf, fact } from '../detecting/signal.ts'

const fail = (index: number) =>
  event('authn_login_fail', {
    at: index * 20 * SECOND,
    client: address(index * 256),
    data: { door: 'password', login: 'a-login', userId: 'u1' },
  })
const success = (at: number) => event('authn_login_success', { at, data: { door: 'password', userId: 'u1' } })

export const successAfterFailures = defineDetection({
  name: 'success-after-failures',
  severity: 'high',
  why: 'An account failed many times and then came in, so the last guess may have been right.',
  anchors: ['T1110', 'ASVS 6.3.5', 'OWASP authn_login_successafterfail'],
  needs: ['authn_login_fail', 'authn_login_success'],
  thresholds: {
    least: count(5, 'failures after which a success is told'),
    leak: time(10 * MINUTE, 'in which one failure is forgotten'),
  },
  automatic: ['notify-user'],
  offered: ['require-step-up', 'end-user-sessions', 'force-password-change'],
  replay: {
    fires: ({ least }) => [...times(least, (index) => fail(index)), success(least * 20 * SECOND)],
    nearMiss: ({ least }) => [...times(least - 1, (index) => fail(index)), success(least * 20 * SECOND)],
  },
  start: ({ thresholds, sequence }) =>
    sequence({
      ...thresholds,
      first: (event) => (event.type === 'authn_login_fail' ? fact(event, 'userId') : undefined),
      next: (event) => (event.type === 'authn_login_success' ? fact(event, 'userId') : undefined),
      tell: (event, user, many) => ({
        why: `signed in after ${many} failures`,
        actors: askersOf(event),
        targets: [{ kind: 'user', value: user }],
      }),
    }),
})
