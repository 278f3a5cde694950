/** Events of detections and of what they look at. */
import type { Kind } from './kind.ts'

export const DETECTION_EVENTS = {
  authn_mailbox_unknown: {
    level: 'info',
    what: 'A letter that signs in was asked for, and nobody has this name or address. `login` is a keyed hash of it.',
  },
  sensitive_read: { level: 'info', what: 'The application gave out `rows` of something (`what`) that is worth watching.' },
  honeytoken_used: { level: 'critical', what: 'A decoy was used: `kind` says of which kind, `name` which one.' },
  detection_fired: {
    level: 'warn',
    what: 'A detection saw something: `detection`, how bad (`severity`), by whom (`actors`), at what (`targets`), and `why`. `dryRun`: nothing answers it.',
  },
  sys_clock_jump: {
    level: 'critical',
    what: 'The clock of this machine jumped by `by` (seconds), against the time that went by.',
  },
  sys_weaker_start: {
    level: 'critical',
    what: 'The application started with something off or weaker (`what`) that was not so before.',
  },
} as const satisfies Record<string, Kind>
