/** Something was used that nobody has a reason to touch: a decoy route, field, account, key, or row. */
import { defineDetection } from '../detecting/definition.ts'
import { event, MINUTE } from '../detecting/replay.ts'
import { askersOf, fact } from '../detecting/signal.ts'

export const honeytoken = defineDetection({
  name: 'honeytoken',
  severity: 'critical',
  why: 'A decoy was touched that no page links to and no person knows of, so whoever did it is looking for what is not theirs.',
  anchors: ['ASVS 16.3.3', 'A09:2025', 'AppSensor HT1'],
  needs: ['honeytoken_used'],
  thresholds: {},
  quiet: MINUTE,
  automatic: ['block-client', 'snapshot-evidence'],
  offered: ['block-network', 'end-user-sessions', 'rotate-keys'],
  replay: {
    fires: () => [event('honeytoken_used', { path: '/.env', data: { kind: 'route', name: '/.env' } })],
    nearMiss: () => [event('authn_login_fail', { data: { door: 'password', login: 'no-decoy' } })],
  },
  start: ({ once }) =>
    once({
      by: (event) => `${event.client ?? 'unknown'} ${fact(event, 'kind') ?? 'decoy'}`,
      tell: (event) => ({
        why: `the decoy ${fact(event, 'kind') ?? 'decoy'} "${fact(event, 'name') ?? ''}" was used`,
        actors: askersOf(event),
        targets: event.path === undefined ? [] : [{ kind: 'route', value: event.path }],
      }),
    }),
})
