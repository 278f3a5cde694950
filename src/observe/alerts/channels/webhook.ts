/**
 * A signed webhook in the form of Standard Webhooks 1.0.0: `webhook-id` stays the same at every attempt, `webhook-timestamp` is that of
 * the attempt, and both are signed with the body, so that a receiver refuses what was forged, changed or sent again later.
 * Source: https://www.standardwebhooks.com; OWASP ASVS 5.0 4.1.5.
 */
import { createHmac } from 'node:crypto'
import { Secret } from '../../../crypto/secret.ts'
import { invalid, refuseUnknown } from '../../../engine/options.ts'
import type { Alert } from '../alert.ts'
import { defineChannel, type ChannelDefinition, type ChannelReach } from '../channel.ts'
import { postJson } from './post-json.ts'
import { readUrl, reachable } from './read-url.ts'

export interface WebhookOptions extends ChannelReach {
  /** Where it goes, https. */
  readonly url: string | Secret
  /** `whsec_` and 24 to 64 random bytes as base64. While it is being replaced, a list: the new one first; both sign. */
  readonly secret: string | Secret | readonly (string | Secret)[]
}

const LEAST_BYTES = 24
const MOST_BYTES = 64
const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/

/** Alerts to a server of your own: `webhook({ url, secret })`. */
export function webhook(options: WebhookOptions): ChannelDefinition {
  return defineChannel({
    kind: 'webhook',
    open(name, { outbound, now }) {
      refuseUnknown(name, options, ['url', 'secret', 'networks', 'insecureAllowHosts', 'ca'])
      const url = readUrl(`${name}.url`, options.url, options)
      const given = Array.isArray(options.secret) ? (options.secret as readonly (string | Secret)[]) : [options.secret]
      if (given.length === 0 || given.length > 2)
        invalid(`${name}.secret`, options.secret, 'Give one secret, or the new one and the old one.')
      const keys = given.map((secret) => readKey(`${name}.secret`, secret as string | Secret))
      const guarded = outbound(reachable(options))
      return {
        send(alert, signal) {
          const body = JSON.stringify(payload(alert))
          const timestamp = String(Math.floor(now() / 1000))
          const signed = `${alert.id}.${timestamp}.${body}`
          const signature = keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`).join(' ')
          const headers = { 'webhook-id': alert.id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
          // 410: the receiver wants no more (Standard Webhooks). Other refusals may be a deployment under way.
          return postJson(guarded, { url, body, headers, signal, final: (status) => status === 410 })
        },
      }
    },
  })
}

function payload({ id, kind, state, time, ...rest }: Alert): object {
  return { type: `alert.${kind}.${state}`, timestamp: new Date(time).toISOString(), data: { id, kind, state, ...rest } }
}

function readKey(option: string, secret: string | Secret): Buffer {
  const text = secret instanceof Secret ? secret.reveal() : secret
  const encoded = typeof text === 'string' ? SECRET.exec(text)?.[1] : undefined
  const key = Buffer.from(encoded ?? '', 'base64')
  const looksRandom = new Set(key).size >= LEAST_BYTES / 2 // of 24 random bytes some 23 are distinct
  if (key.length >= LEAST_BYTES && key.length <= MOST_BYTES && looksRandom) return key
  return invalid(option, new Secret(''), `Write "whsec_" and ${LEAST_BYTES} to ${MOST_BYTES} random bytes as base64.`)
}
