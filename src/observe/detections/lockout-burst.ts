/** Many accounts are made to wait at once: guesses at all of them, or somebody who wants to keep their owners out. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { address, event, times, MINUTE, SECOND } from '../detecting/replay.ts'
import { accountOf, clientOf, fact, type EventSignal } from '../detecting/signal.ts'

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
  start({ thresholds: { holds, leak }, bucket, fire }) {
    const accounts = bucket<EventSignal>({
      holds,
      leak,
      target: accountOf,
      overflow({ signal, count, targets }) {
        fire(
          { key: 'all', actors: [clientOf(signal)], targets, targetCount: count, why: `${count} accounts have to wait at once` },
          signal,
        )
      },
    })
    return {
      event(event) {
        const login = fact(event, 'login')
        if (login !== undefined && fact(event, 'scope') === 'account') accounts.pour('all', event, login)
      },
    }
  },
})
