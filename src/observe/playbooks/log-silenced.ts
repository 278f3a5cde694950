/** Playbook: the log fell silent, has a gap, or was changed. */
import { definePlaybook, KEEP, LEARN, TAKE } from './playbook.ts'

export const logSilenced = definePlaybook({
  name: 'log-silenced',
  title: 'The log was silenced or changed',
  what: 'Nothing is written any more, a chain does not verify, the clock jumped, or the application started with less protection.',
  severity: 'critical',
  detections: ['monitoring-silenced'],
  created: '2026-11-21',
  modified: '2026-11-21',
  steps: [
    TAKE,
    KEEP,
    {
      title: 'Find since when',
      who: 'responder',
      phase: 'detect',
      what: 'Verify the log with the public key, on another machine. What was written before the gap is worth more than what came after.',
      done: 'The last event that can be believed is known.',
    },
    {
      title: 'Write it elsewhere',
      who: 'administrator',
      phase: 'contain',
      what: 'Send the log to a place that this machine can only append to.',
      done: 'New events arrive there.',
    },
    {
      title: 'Let nobody change anything',
      who: 'administrator',
      phase: 'contain',
      what: 'Who silences a log does it for what comes next.',
      response: { name: 'read-only' },
      gate: 'Two people: is it a full disk, or somebody?',
      done: 'The application refuses changes, or it was decided that it does not.',
    },
    {
      title: 'Find who could',
      who: 'owner',
      phase: 'remove',
      what: 'Who has the machine, the database, the keys? Their accounts are looked at by others than themselves.',
      gate: 'Treat it as an insider until it is known to be none.',
      done: 'It is known how it was done.',
    },
    LEARN,
  ],
})
