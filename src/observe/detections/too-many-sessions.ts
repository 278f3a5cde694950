/** A user has more sessions than they may have: several people share the account, or somebody else is in it. */
import { defineDetection } from '../detecting/definition.ts'
import { event } from '../detecting/replay.ts'
import { askersOf, fact } from '../detecting/signal.ts'

export const tooManySessions = defineDetection({
  name: 'too-many-sessions',
  severity: 'low',
  why: 'A sign-in went over the number of sessions that the user may have, so an account may be shared or taken.',
  anchors: ['ASVS 7.1.2'],
  needs: ['authn_session_limit', 'session_ended'],
  thresholds: {},
  automatic: ['notify-user'],
  offered: ['end-user-sessions', 'require-step-up'],
  replay: {
    fires: () => [event('session_ended', { data: { userId: 'u1', sessions: ['s1'], reason: 'concurrent' } })],
    nearMiss: () => [event('session_ended', { data: { userId: 'u1', sessions: ['s1', 's2'], reason: 'ended-all' } })],
  },
  start: ({ once }) =>
    once({
      by: (event) =>
        event.type === 'session_ended' && fact(event, 'reason') !== 'concurrent' ? undefined : fact(event, 'userId'),
      tell: (event, user) => ({
        why: `too many sessions: ${event.type === 'session_ended' ? 'an older session ended for a new one' : 'a sign-in was refused for it'}`,
        actors: askersOf(event),
        targets: [{ kind: 'user', value: user }],
      }),
    }),
})
