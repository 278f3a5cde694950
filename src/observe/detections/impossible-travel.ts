/** One user signs in at two places, and nobody could have travelled between them. Needs a database of places. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { kilometres } from '../detecting/places.ts'
import { event, HOUR } from '../detecting/replay.ts'
import { askersOf, fact, widerNetworkOf } from '../detecting/signal.ts'

/** Addresses that the replay's own database of places knows: Berlin, Hamburg and Tokyo. */
const [BERLIN, HAMBURG, TOKYO] = ['192.0.2.1', '198.51.100.1', '203.0.113.1']
const success = (at: number, client: string) =>
  event('authn_login_success', { at, client, data: { door: 'password', userId: 'u1' } })

export const impossibleTravel = defineDetection({
  name: 'impossible-travel',
  severity: 'high',
  why: 'One user signed in at two places that are too far apart for the time between, so one of the two may be somebody else.',
  anchors: ['T1078', 'CrowdSec impossible-travel'],
  needs: ['authn_login_success'],
  thresholds: {
    speed: count(900, 'kilometres an hour that somebody may travel'),
    distance: count(500, 'kilometres that addresses may be wrong by'),
    within: time(3 * HOUR, 'after which two sign-ins are not compared'),
  },
  automatic: ['require-step-up'],
  offered: ['notify-user', 'end-user-sessions', 'force-password-change'],
  replay: {
    fires: () => [success(0, BERLIN), success(HOUR, TOKYO)],
    nearMiss: () => [success(0, BERLIN), success(HOUR / 6, HAMBURG)],
  },
  start({ thresholds: { speed, distance, within }, memo, locate, fire }) {
    const places = memo(within)
    return {
      event(event) {
        const user = fact(event, 'userId')
        const here = locate(event.client)
        if (user === undefined || here?.latitude === undefined || here.longitude === undefined) return
        const now: readonly [number, number, number] = [event.time, here.latitude, here.longitude]
        const net = widerNetworkOf(event)
        places.update(user, event.time, (before) => {
          const [from, ...last] = before === undefined ? [] : before.split(' ')
          const [then = 0, latitude = 0, longitude = 0] = last.map(Number)
          const age = event.time - then
          if (from !== undefined && from !== net && age <= within) {
            const far = kilometres([latitude, longitude], [now[1], now[2]])
            const fast = far / (Math.max(age, 1000) / HOUR)
            if (far > distance && fast > speed) {
              const why = `${Math.round(far)} km between two sign-ins within ${Math.round(age / 60_000)} minutes`
              fire({ key: user, actors: askersOf(event), targets: [{ kind: 'user', value: user }], why }, event)
            }
          }
          return [net, ...now].join(' ')
        })
      },
    }
  },
})
