/** Playbook: somebody who may, does what they should not. */
import { definePlaybook, KEEP, LEARN, TAKE } from './playbook.ts'

export const insiderMisuse = definePlaybook({
  name: 'insider-misuse',
  title: 'Somebody who may, does what they should not',
  what: 'An administrator acts at an odd hour or from elsewhere, gives roles, or acts as users without a reason that holds.',
  severity: 'high',
  detections: ['privilege-change-odd'],
  created: '2026-11-21',
  modified: '2026-11-21',
  steps: [
    {
      ...TAKE,
      who: 'owner',
      what: 'Somebody takes it who does not work with the person. Speak of it with as few as can be; the person may be a victim, too.',
    },
    KEEP,
    {
      title: 'See what was done, without being seen',
      who: 'responder',
      phase: 'detect',
      what: 'Raise the log level of the account for a time, and read what it did before.',
      response: { name: 'raise-log-level', on: ['user'] },
      command: 'holdfast incident trace --user VALUE',
      gate: 'Does the law, or an agreement with those who work here, allow it?',
      done: 'It is known what was done, and whether by the person themselves.',
    },
    {
      title: 'Ask for a new proof',
      who: 'responder',
      phase: 'contain',
      what: 'It tells the person from somebody who has their session.',
      response: { name: 'require-step-up', on: ['user'] },
      done: 'The proof was given, or nobody acts any more.',
    },
    {
      title: 'Take the rights away',
      who: 'owner',
      phase: 'contain',
      what: 'Hold the account, end its sessions, revoke its keys; whatever else the person has keys to, too.',
      response: { name: 'lock-account', on: ['user'] },
      gate: 'Two people decide this, one of whom answers for those who work here.',
      done: 'The person can do nothing here, and knows why.',
    },
    LEARN,
  ],
})
