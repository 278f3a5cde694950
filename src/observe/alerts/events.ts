/** THE LIST of events that are an alert by themselves: what nobody may miss though no detection counts it, and what ends it again. */
import type { EventType, SecurityEvent } from '../../engine/events.ts'
import type { Severity } from '../detected.ts'
import type { NewAlert } from './alert.ts'

interface Line {
  readonly severity: Severity
  readonly title: string
  /** The event that says that it is over. */
  readonly until?: EventType
  /** Only of this level. */
  readonly level?: SecurityEvent['level']
}

export const ALERTING_EVENTS: Readonly<Partial<Record<EventType, Line>>> = {
  sys_crash: { severity: 'high', title: 'A request was answered 500: something threw' },
  sys_store_lost: { severity: 'high', title: 'The store of the limits does not answer', until: 'sys_store_back' },
  sys_channel_lost: { severity: 'medium', title: 'A process does not hear the others', until: 'sys_channel_back' },
  sys_leak_check_lost: { severity: 'low', title: 'The service of leaked passwords does not answer' },
  sys_insecure_setting: { severity: 'low', title: 'Something is set less safely than it could be' },
  mail_given_up: { severity: 'high', title: 'A letter could not be sent' },
  authn_breaker_open: { severity: 'high', title: 'Sign-ins fail everywhere', until: 'authn_breaker_close' },
  authn_token_reuse: { severity: 'high', title: 'A token was used by two', level: 'critical' },
  authn_remember_reused: { severity: 'high', title: 'A stay-signed-in token was used by two' },
  authn_passkey_cloned: { severity: 'high', title: 'There may be a copy of an authenticator' },
  authn_setup: { severity: 'high', title: 'The first administrator was made' },
  authn_impersonation_began: { severity: 'medium', title: 'Somebody acts as a user' },
  response_failed: { severity: 'high', title: 'A response broke half way' },
  response_interrupted: { severity: 'high', title: 'A response was begun, and nobody knows whether it was done' },
  key_rotated: { severity: 'medium', title: 'The signing key was replaced' },
  key_retired: { severity: 'medium', title: 'A key was taken out of the ring' },
}

const ENDING: ReadonlyMap<EventType, EventType> = new Map(
  Object.entries(ALERTING_EVENTS).flatMap(([type, { until }]) => (until ? [[until, type as EventType] as const] : [])),
)

/** The alert of an event, where it is one, or ends one. */
export function alertOf(event: SecurityEvent): NewAlert | undefined {
  const ended = ENDING.get(event.type)
  const type = ended ?? event.type
  const line = ALERTING_EVENTS[type]
  if (line === undefined || (line.level !== undefined && event.level !== line.level)) return undefined
  const { client, principal, requestId, path, data = {} } = event
  const own = Object.entries(data).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value ?? '')])
  return {
    key: `event:${type}`,
    kind: 'event',
    state: ended ? 'resolved' : 'open',
    severity: line.severity,
    title: line.title,
    text: `${type}${ended ? ', which is over' : ''}. The log has the rest.`,
    facts: { ...Object.fromEntries(own), client, user: principal, request: requestId, path },
  }
}
