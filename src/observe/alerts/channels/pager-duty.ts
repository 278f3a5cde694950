/**
 * Events API v2 of PagerDuty, which other on-call services take, too: `trigger` while it lasts, `resolve` when it is over, under one
 * `dedup_key` a matter. Source: https://developer.pagerduty.com/docs/events-api-v2/overview/ and its description in OpenAPI.
 */
import { Secret } from '../../../crypto/secret.ts'
import { invalid, refuseUnknown } from '../../../engine/options.ts'
import type { Severity } from '../../detected.ts'
import { headline, type Alert } from '../alert.ts'
import { defineChannel, type ChannelDefinition, type ChannelReach } from '../channel.ts'
import { postJson } from './post-json.ts'
import { readUrl, reachable } from './read-url.ts'

export interface PagerDutyOptions extends ChannelReach {
  /** The integration key of a service, 32 characters. */
  readonly routingKey: string | Secret
  /** Another address of the same form. @default 'https://events.pagerduty.com/v2/enqueue' */
  readonly url?: string
}

const ENQUEUE = 'https://events.pagerduty.com/v2/enqueue'
const SEVERITY: Readonly<Record<Severity, string>> = { low: 'info', medium: 'warning', high: 'error', critical: 'critical' }

/** Alerts that wake whoever is on call: `pagerDuty({ routingKey })`. */
export function pagerDuty(options: PagerDutyOptions): ChannelDefinition {
  return defineChannel({
    kind: 'pagerduty',
    open(name, { outbound, origin }) {
      refuseUnknown(name, options, ['routingKey', 'url', 'networks', 'insecureAllowHosts', 'ca'])
      const given = options.routingKey
      const routingKey = given instanceof Secret ? given.reveal() : given
      if (typeof routingKey !== 'string' || !/^[A-Za-z0-9]{32}$/.test(routingKey))
        invalid(`${name}.routingKey`, new Secret(''), 'Give the integration key of the service: 32 letters and digits.')
      const url = readUrl(`${name}.url`, options.url ?? ENQUEUE, options)
      const guarded = outbound(reachable(options))
      return {
        send: (alert, signal) =>
          postJson(guarded, {
            ...{ url, signal, body: JSON.stringify(event(alert, routingKey, origin)) },
            final: (status) => status === 400,
          }),
      }
    },
  })
}

function event(alert: Alert, routingKey: string, origin: string): object {
  const { key, kind, state, severity, time, text, facts, link } = alert
  if (state === 'resolved') return { routing_key: routingKey, event_action: 'resolve', dedup_key: key }
  return {
    routing_key: routingKey,
    event_action: 'trigger',
    dedup_key: key,
    client: 'Holdfast',
    client_url: origin,
    ...(link && { links: [{ href: link, text: 'Open' }] }),
    payload: {
      summary: headline(alert),
      source: new URL(origin).hostname,
      severity: SEVERITY[severity],
      timestamp: new Date(time).toISOString(),
      component: 'holdfast',
      class: kind,
      custom_details: { text, ...facts },
    },
  }
}
