/** Events of metrics, health and the log itself. */
import type { Kind } from './kind.ts'

export const OBSERVING_EVENTS = {
  sys_unready: {
    level: 'critical',
    what: 'Somebody asked whether this process is ready, and it is not any more: `failed` says why.',
  },
  sys_ready: { level: 'info', what: 'This process is ready again.' },
  sys_log_lost: {
    level: 'critical',
    what: 'The log cannot be written to `sink`, and lines are lost until it can. Other listeners hear everything.',
  },
  sys_log_back: { level: 'warn', what: 'The log is written again; `lost` says how many lines are not in it.' },
} as const satisfies Record<string, Kind>
