/** Events of the audit log: what it says of itself. */
import type { Kind } from './kind.ts'

export const AUDIT_EVENTS = {
  sys_monitor_disabled: { level: 'critical', what: 'Something that watches is off; `what` says which part, `reason` why.' },
  sys_audit_checkpoint: {
    level: 'info',
    what: 'A chain of the audit log was signed up to `size`; `note` is the checkpoint. Keep it where this machine cannot write.',
  },
  sys_audit_began: {
    level: 'info',
    what: 'A process began to write the audit log. `heads` names the chains it found: what vanishes of them later is seen.',
  },
  sys_audit_behind: { level: 'critical', what: 'The audit log cannot be written; `waiting` events wait in memory.' },
  sys_audit_back: { level: 'warn', what: 'The audit log is written again.' },
  sys_audit_dropped: {
    level: 'critical',
    what: 'Events are lost for the audit log, because too many waited; `count` says how many since the last such line.',
  },
  sys_audit_sealed: {
    level: 'warn',
    what: 'A process ended without its last checkpoint: what it had written (`chain`, up to `size`) was signed by its successor.',
  },
  sys_audit_broken: {
    level: 'critical',
    what: 'A chain of the audit log (`chain`) does not hold at `seq`: somebody changed what was written. It is not signed.',
  },
  sys_clock_back: { level: 'warn', what: 'The clock went back by `by` milliseconds.' },
  audit_read: { level: 'info', what: 'Somebody (`actor`) searched the audit log, for this (`filter`).' },
  audit_exported: { level: 'warn', what: 'Somebody (`actor`) exported the audit log, as this `format`.' },
  audit_redacted: {
    level: 'critical',
    what: 'Somebody (`actor`) blanked `parts` of an event (`event`); `reason` says why. The chain still holds.',
  },
  audit_pruned: {
    level: 'warn',
    what: 'Events past their time were removed from the audit log: of `chain` those up to `size`. A signed tombstone stands for them.',
  },
} as const satisfies Record<string, Kind>
