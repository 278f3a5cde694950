/** One client claims to be a page of one site after another, to find one that may read our answers. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { event, times, MINUTE, SECOND } from '../detecting/replay.ts'
import { fact, networkOf, type EventSignal } from '../detecting/signal.ts'

const refused = (index: number, origin: string) =>
  event('malicious_cors', { at: index * SECOND, data: { reason: 'origin', origin } })

export const corsProbe = defineDetection({
  name: 'cors-probe',
  severity: 'low',
  why: 'One address claims one origin after another, to find one that may read what our users may.',
  anchors: ['WSTG-CLNT-07', 'CWE-942', 'OWASP malicious_cors'],
  needs: ['malicious_cors'],
  thresholds: {
    holds: count(5, 'different origins of one address that are borne at once'),
    leak: time(MINUTE, 'in which one is forgotten'),
  },
  automatic: [],
  offered: ['block-client'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => refused(index, `https://evil${index}.example`)),
    nearMiss: ({ holds }) => times(holds * 4, (index) => refused(index, `https://other${index % holds}.example`)),
  },
  start: ({ thresholds, overflow }) =>
    overflow({
      ...thresholds,
      by: networkOf,
      differ: originOf,
      target: (event) => ({ kind: 'origin', value: originOf(event) }),
      tell: ({ count }) => ({ why: `${count} origins claimed by one address`, targetCount: count }),
    }),
})

function originOf(event: EventSignal): string {
  return fact(event, 'origin') ?? 'none'
}
