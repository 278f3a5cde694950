/** One address sends tokens that were never issued. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { event, times, MINUTE, SECOND } from '../detecting/replay.ts'
import { networkOf } from '../detecting/signal.ts'

export const forgedSession = defineDetection({
  name: 'forged-session',
  severity: 'medium',
  why: 'One address sends session cookies that nobody issued, as when tokens are guessed or forged.',
  anchors: ['T1606.001', 'CAPEC-196', 'AppSensor SE1'],
  needs: ['session_forged'],
  thresholds: {
    holds: count(10, 'of one address that are borne at once'),
    leak: time(MINUTE, 'in which one is forgotten'),
  },
  automatic: ['tighten-limit'],
  offered: ['block-client'],
  replay: {
    fires: ({ holds }) =>
      times(holds + 1, (index) => event('session_forged', { at: index * SECOND, data: { reason: 'unknown' } })),
    nearMiss: ({ holds }) =>
      times(holds, (index) => event('session_forged', { at: index * SECOND, data: { reason: 'malformed' } })),
  },
  start: ({ thresholds, overflow }) =>
    overflow({
      ...thresholds,
      by: networkOf,
      tell: ({ count }) => ({ why: `${count} session tokens that were never issued` }),
    }),
})
