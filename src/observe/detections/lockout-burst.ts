/** Many accounts are made to wait at once: guesses at all of them, or somebody who wants to keep their owners out. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { address, event, times, MINUTE, SECOND } from '../detecting/replay.ts'
import { accountOf, fact, loginOf } from '../detecting/signal.ts'

const lock = (index: number, scope = 'account', login = `login${index}`) =>
  event('authn_login_lock', { at: index * SECOND, client: address(index * 256), data: { door: 'password', login, scope } })

export const lockoutBurst = defineDetection({
  name: 'lockout-burst',
  severity: 'high',
  why: 'Many accounts have used up their attempts at the same time, which shuts their owners out of unknown browsers.',
  anchors: ['ASVS 6.1.1', 'CAPEC-2', 'T1531'],
  needs: ['authn_login_lock'],
  thresholds: {
    holds: count(5, 'accounts that may be waiting at once'),
    leak: time(5 * MINUTE, 'in which one account is forgotten'),
  },
  automatic: [],
  offered: ['slow-down', 'tighten-limit', 'raise-log-level'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => lock(index)),
    nearMiss: ({ holds }) =>
      times(holds * 2, (index) => lock(index, index % 2 === 0 ? 'network' : 'account', `login${index % holds}`)),
  },
  start: ({ thresholds, overflow }) =>
    overflow({
      ...thresholds,
      by: (event) => (loginOf(event) !== undefined && fact(event, 'scope') === 'account' ? 'all' : undefined),
      differ: loginOf,
      target: accountOf,
      tell: ({ count }) => ({ why: `${count} accounts have to wait at once`, targetCount: count }),
    }),
})
