/** The log, a detection or the clock is not what it was: the first thing that somebody does who does not want to be seen. */
import { defineDetection } from '../detecting/definition.ts'
import { event, HOUR } from '../detecting/replay.ts'
import { fact, type EventSignal } from '../detecting/signal.ts'

export const monitoringSilenced = defineDetection({
  name: 'monitoring-silenced',
  severity: 'critical',
  why: 'What watches the application was turned off, lost events, saw the clock jump, or came back with weaker settings.',
  anchors: ['T1562', 'ASVS 16.4.2', 'OWASP sys_monitor_disabled'],
  needs: [
    ...(['sys_monitor_disabled', 'sys_clock_jump', 'sys_weaker_start', 'sys_log_lost'] as const),
    ...(['sys_audit_dropped', 'sys_audit_behind', 'sys_audit_broken'] as const),
  ],
  thresholds: {},
  quiet: HOUR,
  automatic: ['snapshot-evidence'],
  offered: ['read-only', 'raise-log-level'],
  replay: {
    fires: () => [event('sys_monitor_disabled', { data: { what: 'log', reason: 'write-failed' } })],
    nearMiss: () => [event('sys_store_lost', { data: { store: 'redis' } }), event('sys_shutdown')],
  },
  start: ({ once }) =>
    once({
      by: (event) => `${event.type} ${whatOf(event)}`,
      tell(event) {
        const details = fact(event, 'reason') ?? fact(event, 'by') ?? ''
        const why = `${WHAT[event.type] ?? 'something that watches stopped'}: ${whatOf(event)}${details === '' ? '' : ` (${details})`}`
        return { why, actors: [{ kind: 'process', value: String(process.pid) }] }
      },
    }),
})

const WHAT: Readonly<Record<string, string>> = {
  sys_monitor_disabled: 'something that watches does so no more',
  sys_clock_jump: 'the clock jumped',
  sys_log_lost: 'the log cannot be written',
  sys_audit_dropped: 'events are missing in the audit log',
  sys_audit_behind: 'the audit log cannot be written',
  sys_audit_broken: 'somebody changed the audit log',
  sys_weaker_start: 'the application started with weaker settings than before',
}

/** Which log, detection or clock it is. */
function whatOf(event: EventSignal): string {
  return fact(event, 'what') ?? event.type
}
