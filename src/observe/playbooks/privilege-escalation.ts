/** Playbook: somebody may more than they should. */
import { definePlaybook, KEEP, LEARN, TAKE } from './playbook.ts'

export const privilegeEscalation = definePlaybook({
  name: 'privilege-escalation',
  title: 'Somebody may more than they should',
  what: 'A role was given that nobody asked for, or pages and things of others were reached or tried one after another.',
  severity: 'critical',
  detections: ['admin-probing', 'object-sweep', 'privilege-change-odd'],
  created: '2026-11-21',
  modified: '2026-11-21',
  steps: [
    TAKE,
    KEEP,
    {
      title: 'Stop who has it',
      who: 'responder',
      phase: 'contain',
      what: 'Hold the account that may too much, and the one that gave it: either may be the attacker’s.',
      response: { name: 'lock-account', on: ['user'] },
      gate: 'Is another administrator left who is known to be themselves?',
      done: 'Neither account can do anything.',
    },
    {
      title: 'Take the role back',
      who: 'administrator',
      phase: 'contain',
      what: 'Set the roles to what they were before. Sessions see it at their next request.',
      command: 'holdfast users set-role LOGIN ROLE',
      done: 'Nobody has a role that nobody can explain.',
    },
    {
      title: 'See what was done with it',
      who: 'responder',
      phase: 'detect',
      what: 'What was read and changed since the role was given? Look for new users, keys, invitations and roles.',
      command: 'holdfast incident trace --user VALUE',
      done: 'It is written down.',
    },
    {
      title: 'Close the way',
      who: 'administrator',
      phase: 'remove',
      what: 'A route without a requirement, an object without an owner check, an administrator without a second factor. Close the route meanwhile.',
      response: { name: 'disable-route', on: ['route'] },
      gate: 'Who cannot work without it?',
      done: 'The same request is refused, and a test says so.',
    },
    LEARN,
  ],
})
