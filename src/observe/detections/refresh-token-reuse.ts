/** A refresh token, or that of a browser that stays signed in, is used a second time: two have it, and one is a thief. */
import { defineDetection } from '../detecting/definition.ts'
import { event, MINUTE } from '../detecting/replay.ts'
import { fact, userOf } from '../detecting/signal.ts'

export const refreshTokenReuse = defineDetection({
  name: 'refresh-token-reuse',
  severity: 'critical',
  why: 'A token that can be used once was used twice, so there is a copy of it; its family has been ended.',
  anchors: ['ASVS 10.4.5', 'RFC 9700 4.14.2', 'T1528'],
  needs: ['authn_token_reuse', 'authn_remember_reused'],
  thresholds: {},
  quiet: MINUTE,
  automatic: ['notify-user'],
  offered: ['revoke-app', 'end-user-sessions', 'force-password-change'],
  replay: {
    fires: () => [event('authn_token_reuse', { data: { reason: 'reused', userId: 'u1', app: 'app1' } })],
    // An API key that goes on being used after it was revoked is a job that nobody has told.
    nearMiss: () => [event('authn_token_reuse', { data: { reason: 'revoked', userId: 'u1', key: 'key1' } })],
  },
  start: ({ once }) =>
    once({
      by: (event) =>
        fact(event, 'app') ?? (event.type === 'authn_remember_reused' ? (fact(event, 'userId') ?? 'unknown') : undefined),
      tell(event) {
        const app = fact(event, 'app')
        if (app === undefined)
          return { why: 'the token of a browser that stays signed in was used twice', targets: userOf(event) }
        return { why: 'a refresh token was used twice', targets: [...userOf(event), { kind: 'app', value: app }] }
      },
    }),
})
