/** Events of incidents and responses; the OWASP vocabulary has no words for these. */
import type { Kind } from './kind.ts'

export const RESPONDING_EVENTS = {
  incident_opened: { level: 'warn', what: 'A first signal of an attack: an incident was opened. Critical where it is severe.' },
  incident_raised: { level: 'warn', what: 'An incident became more severe than it was `before`.' },
  incident_merged: { level: 'warn', what: 'Incidents (`merged`) turned out to be part of another one (`id`).' },
  incident_changed: { level: 'warn', what: 'Somebody (`by`) moved an incident `from` one state `to` another.' },
  incident_signals_dropped: {
    level: 'critical',
    what: 'More signals came than could be written: `count` of them are counted, and nothing else of them is kept.',
  },
  incident_exported: { level: 'warn', what: 'The evidence of an incident was written into a file, signed with the key `key`.' },
  incident_pruned: {
    level: 'warn',
    what: 'What was kept of closed incidents (`incidents`, `count` of them) was past its time, and was removed (`by`), with so many `responses`.',
  },
  incident_evidence_pruned: {
    level: 'warn',
    what: 'Files of evidence (`files`, `count` of them) whose incident is not kept any more were removed (`by`).',
  },
  response_applied: {
    level: 'warn',
    what: 'A response is in force, or was done; `second` approved it. Critical: nobody did who should have, and `insecureAlone` says why.',
  },
  response_begun: { level: 'warn', what: 'A response that is done at once begins: written down before anything of it is done.' },
  response_undone: { level: 'warn', what: 'A response was ended by somebody (`undoneBy`) before its time.' },
  response_expired: { level: 'info', what: 'A response ended because its time was over.' },
  response_failed: { level: 'critical', what: 'A response broke half way; `error` says what went wrong.' },
  response_interrupted: {
    level: 'critical',
    what: 'A response was begun, and its process ended before it said whether it was done. Look, and apply it again where it was not.',
  },
  response_held: {
    level: 'critical',
    what: 'A detection proposed a response that no machine may apply now: a person has to decide. `reason` says why.',
  },
  containment_refused: {
    level: 'warn',
    what: 'A response in force (`response`) refused a request. `times` counts the refusals since the last line of the same response.',
  },
  request_watched: { level: 'info', what: 'A request of a subject whose log level is raised was answered with `status`.' },
} as const satisfies Record<string, Kind>
