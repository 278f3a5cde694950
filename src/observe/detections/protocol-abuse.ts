/** Requests that no browser sends: two lengths, foreign hosts, unknown methods, heads that never end. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { event, times, SECOND } from '../detecting/replay.ts'
import { fact, networkOf, type EventSignal } from '../detecting/signal.ts'
import { isTraversal } from '../detecting/claims.ts'

/** Of what bodies are refused for, what has nothing to do with their content. */
const WIRE: readonly unknown[] = ['unreadable-request', 'too-slow', 'incomplete', 'length-mismatch', 'aborted', 'timeout']

const sent = (index: number, data: NonNullable<EventSignal['data']>) =>
  event(data['parser'] === undefined ? 'malicious_target' : 'input_validation_fail', { at: index * SECOND, data })

export const protocolAbuse = defineDetection({
  name: 'protocol-abuse',
  severity: 'medium',
  why: 'One address sends requests that no browser would: smuggled, for other hosts, of unknown methods, too large, or never finished.',
  anchors: ['CAPEC-33', 'CAPEC-469', 'AppSensor RE1'],
  needs: ['malicious_target', 'malicious_host', 'input_validation_fail'],
  thresholds: {
    holds: count(5, 'of one address that are borne at once'),
    leak: time(60 * SECOND, 'in which one is forgotten'),
  },
  automatic: ['block-client'],
  offered: ['block-network', 'tighten-limit'],
  replay: {
    fires: ({ holds }) =>
      times(holds + 1, (index) =>
        sent(index, index % 2 === 0 ? { reason: 'bad-method' } : { reason: 'unreadable-request', parser: 'HPE_INVALID_METHOD' }),
      ),
    nearMiss: ({ holds }) => [
      ...times(holds, (index) => sent(index, { reason: 'bad-method' })),
      ...times(holds * 2, (index) => event('input_validation_fail', { at: index, data: { reason: 'bad-json', status: 400 } })),
    ],
  },
  start: ({ thresholds, overflow }) =>
    overflow({
      ...thresholds,
      // What is no request has no client yet: the other end of the socket is all that is known.
      by: (event) => (isOfNoBrowser(event) ? networkOf({ client: event.client ?? fact(event, 'peer') ?? 'unknown' }) : undefined),
      tell: ({ key, signal, count }) => ({
        why: `${count} requests that no browser sends, the last one ${fact(signal, 'reason') ?? signal.type}`,
        actors: [{ kind: 'client', value: signal.client ?? key }],
      }),
    }),
})

function isOfNoBrowser(event: EventSignal): boolean {
  const { type, data } = event
  if (type === 'input_validation_fail') return WIRE.includes(data?.['reason']) || data?.['status'] === 431
  // A path that leads out of its folder is the part of traversal-probe.
  return type !== 'malicious_target' || !isTraversal(fact(event, 'target') ?? '')
}
