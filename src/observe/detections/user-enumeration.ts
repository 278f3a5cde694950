/** Somebody asks letters for many names that nobody has, to learn which ones there are. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { event, times, SECOND } from '../detecting/replay.ts'
import { fact, loginOf, networkOf } from '../detecting/signal.ts'

const asked = (index: number, userId?: string) =>
  event('authn_recovery_asked', { at: index * SECOND, data: { login: `login${index}`, userId } })

export const userEnumeration = defineDetection({
  name: 'user-enumeration',
  severity: 'medium',
  why: 'One address asks for letters to many names without an account, as when somebody wants to learn who has one.',
  anchors: ['ASVS 6.3.8', 'CWE-204', 'T1589.002'],
  needs: ['authn_recovery_asked', 'authn_sign_up_asked', 'authn_mailbox_unknown'],
  thresholds: {
    holds: count(10, 'unknown names that one address may ask for at once'),
    leak: time(60 * SECOND, 'in which one name is forgotten'),
  },
  automatic: ['tighten-limit'],
  offered: ['block-client'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => asked(index)),
    nearMiss: ({ holds }) => times(holds, (index) => asked(index)),
  },
  start: ({ thresholds, overflow }) =>
    overflow({
      ...thresholds,
      by: (event) => (loginOf(event) === undefined || fact(event, 'userId') !== undefined ? undefined : networkOf(event)),
      differ: loginOf,
      tell: ({ count }) => ({ why: `letters asked for ${count} names without an account`, targetCount: count }),
    }),
})
