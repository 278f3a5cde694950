/** What happened, as numbers: every event by type, and the questions that are asked most. */
import type { Bus } from '../../engine/bus.ts'
import { EVENTS, type EventType, type SecurityEvent } from '../../engine/events.ts'
import type { Metrics } from './types.ts'

/** How a sign-in ended, by the event that says so. */
const OUTCOMES: Partial<Record<EventType, string>> = {
  authn_login_success: 'success',
  authn_login_fail: 'fail',
  authn_login_lock: 'locked',
  authn_second_factor_asked: 'second-factor-asked',
  authn_shed: 'busy',
  authn_provider_fail: 'fail',
  authn_session_limit: 'too-many-sessions',
}

/** Which event says that something is gone (0) or back (1). */
const STANDINGS: Partial<Record<EventType, readonly [what: string, up: number]>> = {
  sys_store_lost: ['limits', 0],
  sys_store_back: ['limits', 1],
  sys_channel_lost: ['channel', 0],
  sys_channel_back: ['channel', 1],
}

/** They are critical where they are severe, and somebody is woken by the first. */
const SEVERE: readonly EventType[] = ['incident_opened', 'incident_raised']

/** Returns how to stop. */
export function measureEvents(metrics: Metrics, bus: Pick<Bus, 'on'>): () => void {
  const events = metrics.counter({
    name: 'holdfast_events_total',
    help: 'Security events, by type and level.',
    labels: ['type', 'level'],
    most: 500,
  })
  // A rate over the first event of a type needs the zero before it.
  for (const [type, { level }] of Object.entries(EVENTS)) events.add([type, level], 0)
  for (const type of SEVERE) events.add([type, 'critical'], 0)
  const signIns = metrics.counter({
    name: 'holdfast_sign_ins_total',
    help: 'Attempts to sign in, by door and how they ended.',
    labels: ['door', 'outcome'],
  })
  const limits = metrics.counter({
    name: 'holdfast_limits_exceeded_total',
    help: 'Requests that were over a limit.',
    labels: ['limit'],
  })
  const stores = metrics.gauge({
    name: 'holdfast_store_up',
    help: 'Whether what processes share answers: the store of the limits, the channel by which they hear each other.',
    labels: ['store'],
  })
  for (const store of ['limits', 'channel']) stores.set(1, [store])
  return bus.on((event) => {
    events.add([event.type, event.level])
    const outcome = OUTCOMES[event.type]
    if (outcome !== undefined) signIns.add([text(event, 'door'), outcome])
    if (event.type === 'excess_rate_limit_exceeded') limits.add([text(event, 'limit')], Number(event.data?.['times'] ?? 1))
    const standing = STANDINGS[event.type]
    if (standing !== undefined) stores.set(standing[1], [standing[0]])
  })
}

function text({ data }: SecurityEvent, name: string): string {
  const value = data?.[name]
  return typeof value === 'string' ? value : 'none'
}
