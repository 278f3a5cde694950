/** Tokens and keys that were never issued: guessed, changed, signed by somebody else, or meant for another place. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { event, times, MINUTE, SECOND } from '../detecting/replay.ts'
import { fact, networkOf } from '../detecting/signal.ts'

/** What happens to honest programs: their token ran out, was ended, or was sent where none is taken. */
const HONEST: readonly unknown[] = [
  ...['expired', 'ended', 'revoked', 'user-disabled', 'throttled', 'not-yet', 'reused', 'missing'],
  ...['not-accepted', 'in-address', 'ambiguous', 'token-not-accepted', 'key-not-accepted'],
]

const sent = (index: number, reason: string) => event('authn_token_fail', { at: index * SECOND, data: { reason } })

export const tokenForgery = defineDetection({
  name: 'token-forgery',
  severity: 'high',
  why: 'One address sends tokens or keys that we never issued: guessed, altered, or signed by another.',
  anchors: ['ASVS 9.1.1', 'T1606', 'CVE-2015-9235'],
  needs: ['authn_token_fail'],
  thresholds: {
    holds: count(3, 'of one address that are borne at once'),
    leak: time(MINUTE, 'in which one is forgotten'),
  },
  automatic: ['block-client'],
  offered: ['rotate-keys', 'block-network'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => sent(index, index % 2 === 0 ? 'forged' : 'unknown-key')),
    nearMiss: ({ holds }) => [
      ...times(holds * 4, (index) => sent(index, 'expired')),
      ...times(holds, (index) => sent(index, 'forged')),
    ],
  },
  start: ({ thresholds, overflow }) =>
    overflow({
      ...thresholds,
      by: (event) => (HONEST.includes(event.data?.['reason']) ? undefined : networkOf(event)),
      tell: ({ signal, count }) => ({
        why: `${count} tokens or keys that were never issued, the last one ${fact(signal, 'reason') ?? 'unknown'}`,
      }),
    }),
})
