/** A session's token is used again and again after the session was ended: somebody kept a copy. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { event, times, MINUTE, SECOND } from '../detecting/replay.ts'
import { networkOf } from '../detecting/signal.ts'

/** What an open page asks for at once, when its session has ended elsewhere, counts as one. */
const TOGETHER = 2 * SECOND

const used = (at: number) => event('session_use_after_expire', { at, data: { reason: 'ended' } })

export const sessionAfterEnd = defineDetection({
  name: 'session-after-end',
  severity: 'medium',
  why: 'A token goes on being used after its session was ended, although the browser was told to drop it.',
  anchors: ['T1539', 'ASVS 7.4.1', 'OWASP session_use_after_expire'],
  needs: ['session_use_after_expire'],
  thresholds: {
    holds: count(3, 'uses of one address that are borne'),
    leak: time(10 * MINUTE, 'in which one is forgotten'),
  },
  automatic: [],
  offered: ['block-client', 'end-user-sessions'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => used(index * 2 * TOGETHER)),
    nearMiss: ({ holds }) => [...times(holds * 3, (index) => used(index * 10)), used(MINUTE)],
  },
  start: ({ thresholds, overflow }) =>
    overflow({
      ...thresholds,
      by: networkOf,
      differ: (event) => String(Math.floor(event.time / TOGETHER)),
      tell: ({ count }) => ({ why: `${count} uses of tokens whose sessions had ended` }),
    }),
})
