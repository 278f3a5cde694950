/** Events of running it: mail, other servers, keys, alerts, stores, start and end. */
import type { Kind } from './kind.ts'

export const OPERATION_EVENTS = {
  mail_sent: { level: 'info', what: 'A letter left. `to` is a keyed hash of the address.' },
  mail_failed: { level: 'warn', what: 'A letter did not leave; `why` says why, and `again` when it is tried next.' },
  mail_given_up: { level: 'critical', what: 'A letter did not leave and is not tried again, until an operator says so.' },
  alert_sent: { level: 'info', what: 'An alert left by a channel.' },
  alert_failed: {
    level: 'warn',
    what: 'An alert did not leave; `why` says why, and `again` when it is tried next. Critical: it is not tried again.',
  },
  alert_held: {
    level: 'warn',
    what: 'An alert was not sent, because its channel gets no more for now; `key` says what it was about.',
  },
  alert_channel_lost: { level: 'critical', what: 'A channel of alerts takes none; the other channels were told.' },
  alert_channel_back: { level: 'warn', what: 'A channel takes alerts again.' },
  outbound_refused: {
    level: 'warn',
    what: 'A request to another server was not made, because of where it would have gone (`host`, `reason`, and `ledTo` where a redirect led there).',
  },
  outbound_failed: { level: 'warn', what: 'A request to another server got no answer that could be used.' },
  key_created: { level: 'info', what: 'A key was made. Critical: there are users, so keys before it were lost.' },
  key_rotated: { level: 'warn', what: 'The next signing key signs from now on; `revoked` says whether older ones are void.' },
  key_scheduled: { level: 'warn', what: 'A new key of the ring is current from `from` on.' },
  key_retired: { level: 'warn', what: 'A key was taken out of the ring.' },
  sys_startup: { level: 'info', what: 'Holdfast started, with these controls.' },
  sys_shutdown: { level: 'warn', what: 'Holdfast was stopped.' },
  sys_crash: { level: 'critical', what: 'A control or a handler threw; the answer was 500. The error itself goes to `onFault`.' },
  sys_store_lost: {
    level: 'critical',
    what: 'The store of the limits does not answer: each process counts for itself until it is back.',
  },
  sys_store_back: { level: 'warn', what: 'The store of the limits answers again.' },
  sys_channel_lost: {
    level: 'warn',
    what: 'This process does not hear what others write: every request asks the database until it does.',
  },
  sys_channel_back: { level: 'info', what: 'This process hears again what others write.' },
  sys_leak_check_lost: {
    level: 'warn',
    what: 'The service that knows leaked passwords did not answer; `refused` says whether the password was refused for that.',
  },
  sys_insecure_setting: { level: 'warn', what: 'Something is set less safely than it could be, or a control is off.' },
} as const satisfies Record<string, Kind>
