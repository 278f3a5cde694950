/** A user signs in with a kind of browser, or from a country, that is new for them. */
import { count, defineDetection } from '../detecting/definition.ts'
import { event, DAY } from '../detecting/replay.ts'
import { askersOf, fact } from '../detecting/signal.ts'

const success = (at: number, device: string, known?: true) =>
  event('authn_login_success', { at, data: { door: 'password', userId: 'u1', device, known } })
const YEAR = 365 * DAY

export const newDevice = defineDetection({
  name: 'new-device',
  severity: 'low',
  why: 'A user came with a kind of browser or from a country that was never seen of them, which they should hear of.',
  anchors: ['ASVS 6.3.5', 'T1078'],
  needs: ['authn_login_success'],
  thresholds: { remembers: count(20, 'kinds of browsers and countries that are remembered of a user') },
  automatic: ['notify-user'],
  offered: ['require-step-up', 'end-session'],
  replay: {
    fires: () => [success(0, 'Firefox on Linux'), success(DAY, 'Safari on iPhone')],
    nearMiss: () => [
      success(0, 'Firefox on Linux'),
      success(DAY, 'Firefox on Linux'),
      success(2 * DAY, 'Safari on iPhone', true),
    ],
  },
  start({ thresholds: { remembers }, memo, locate, fire }) {
    const usual = memo(YEAR)
    return {
      event(event) {
        const [user, device] = [fact(event, 'userId'), fact(event, 'device')]
        if (user === undefined || device === undefined) return
        const country = locate(event.client)?.country
        usual.update(user, event.time, (before) => {
          const seen = before === undefined ? [] : before.split('\n')
          const now = [device, ...(country === undefined ? [] : [`country ${country}`])]
          const fresh = now.filter(
            (one) => !seen.includes(one) && (one === device || seen.some((old) => old.startsWith('country '))),
          )
          if (seen.length > 0 && fresh.length > 0 && event.data?.['known'] !== true) {
            const why = `signed in for the first time by ${fresh.join(', ')}`
            fire(
              { key: `${user} ${fresh.join(' ')}`, actors: askersOf(event), targets: [{ kind: 'user', value: user }], why },
              event,
            )
          }
          return [...new Set([...now, ...seen])].slice(0, remembers).join('\n')
        })
      },
    }
  },
})
