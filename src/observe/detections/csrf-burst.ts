/** Requests that other sites make in the name of their visitors, several in a row. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { address, event, times, MINUTE, SECOND } from '../detecting/replay.ts'
import { askersOf, fact, networkOf, routeOf, type EventSignal } from '../detecting/signal.ts'

const refused = (index: number, origin: string | undefined, client: string) =>
  event('malicious_csrf', { at: index * SECOND, client, data: { reason: 'origin', origin } })

export const csrfBurst = defineDetection({
  name: 'csrf-burst',
  severity: 'medium',
  why: 'Another site sends forms to ours in the name of our users, or one address sends them without proof.',
  anchors: ['CAPEC-62', 'ASVS 3.5.1', 'OWASP malicious_csrf'],
  needs: ['malicious_csrf'],
  thresholds: {
    holds: count(3, 'of one origin, or of one address, that are borne at once'),
    leak: time(MINUTE, 'in which one is forgotten'),
  },
  automatic: [],
  offered: ['notify-user', 'block-client', 'end-user-sessions'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => refused(index, 'https://evil.example', address(index))),
    nearMiss: ({ holds }) => times(holds * 2, (index) => refused(index, undefined, address(index % 2))),
  },
  start: ({ thresholds, site, overflow }) =>
    overflow({
      ...thresholds,
      by: (event) => foreign(event, site) ?? networkOf(event),
      target: routeOf,
      tell({ signal, count }) {
        const [origin, askers] = [foreign(signal, site), askersOf(signal)]
        if (origin === undefined) return { why: `${count} forged requests of one address`, actors: askers }
        return { why: `${count} forged requests by pages of ${origin}`, actors: [{ kind: 'origin', value: origin }, ...askers] }
      },
    }),
})

/** The site that the page was of; a page of ours, or one that does not say, is told by its address. */
function foreign(event: EventSignal, site: string): string | undefined {
  const origin = fact(event, 'origin')
  return origin === undefined || origin === 'null' || origin === site ? undefined : origin
}
