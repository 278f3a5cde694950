/** Playbook: so many requests that others wait. */
import { definePlaybook, KEEP, LEARN, TAKE } from './playbook.ts'

export const flood = definePlaybook({
  name: 'flood',
  title: 'Requests flood the application',
  what: 'Limits are used up, answers are slow, or sign-ins are turned away because too many passwords are hashed.',
  severity: 'high',
  detections: ['flood'],
  created: '2026-11-21',
  modified: '2026-11-21',
  steps: [
    TAKE,
    {
      title: 'Tighten the limits',
      who: 'responder',
      phase: 'contain',
      what: 'For everybody a little, for who floods a lot.',
      response: { name: 'tighten-limit', settings: { factor: '2' } },
      done: 'Answers are as fast as usual for who is signed in.',
    },
    {
      title: 'Slow or refuse who floods',
      who: 'responder',
      phase: 'contain',
      what: 'First slower, then not at all. Also who was signed in there, when they are the flood.',
      response: { name: 'block-client', on: ['client'], settings: { everybody: 'yes' } },
      done: 'The requests of these addresses are refused.',
    },
    {
      title: 'Close what costs',
      who: 'administrator',
      phase: 'contain',
      what: 'One page may cost more than all others: close it, or the feature.',
      response: { name: 'disable-route', on: ['route'] },
      gate: 'Who cannot work without it?',
      done: 'The machine has room again.',
    },
    {
      title: 'Call who is in front',
      who: 'owner',
      phase: 'contain',
      what: 'A flood that fills the line is stopped before it reaches you: by the provider, or a service that is made for it.',
      done: 'They know, and say what they do.',
    },
    KEEP,
    LEARN,
  ],
})
