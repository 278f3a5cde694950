/** One user signs in at two places, and nobody could have travelled between them. Needs a database of places. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { kilometres, type Place } from '../detecting/places.ts'
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
  start: ({ thresholds: { speed, distance, within }, locate, baseline }) =>
    baseline({
      lives: within,
      by: (event) => (isPlace(locate(event.client)) ? fact(event, 'userId') : undefined),
      judge(event, before, user) {
        const { latitude = 0, longitude = 0 } = locate(event.client) ?? {}
        const net = widerNetworkOf(event)
        const keep = [net, event.time, latitude, longitude].join(' ')
        const [from, ...last] = before?.split(' ') ?? []
        const [then = 0, ...there] = last.map(Number)
        const age = event.time - then
        if (from === undefined || from === net || age > within) return { keep }
        const far = kilometres([there[0] ?? 0, there[1] ?? 0], [latitude, longitude])
        if (far <= distance || far / (Math.max(age, 1000) / HOUR) <= speed) return { keep }
        const why = `${Math.round(far)} km between two sign-ins within ${Math.round(age / 60_000)} minutes`
        return { keep, tell: { why, actors: askersOf(event), targets: [{ kind: 'user', value: user }] } }
      },
    }),
})

function isPlace(place: Place | undefined): boolean {
  return place?.latitude !== undefined && place.longitude !== undefined
}
