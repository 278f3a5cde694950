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
  start: ({ thresholds: { remembers }, locate, baseline }) =>
    baseline({
      lives: YEAR,
      by: (event) => (fact(event, 'device') === undefined ? undefined : fact(event, 'userId')),
      judge(event, before, user) {
        const device = fact(event, 'device')!
        const country = locate(event.client)?.country
        const seen = before?.split('\n') ?? []
        const now = [device, ...(country === undefined ? [] : [`country ${country}`])]
        const keep = [...new Set([...now, ...seen])].slice(0, remembers).join('\n')
        const knowsCountry = seen.some((one) => one.startsWith('country '))
        const fresh = now.filter((one) => !seen.includes(one) && (one === device || knowsCountry))
        if (seen.length === 0 || fresh.length === 0 || event.data?.['known'] === true) return { keep }
        const why = `signed in for the first time by ${fresh.join(', ')}`
        const key = `${user} ${fresh.join(' ')}`
        return { keep, tell: { key, why, actors: askersOf(event), targets: [{ kind: 'user', value: user }] } }
      },
    }),
})
