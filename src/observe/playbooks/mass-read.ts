/** Playbook: far more is read than anybody needs. */
import { definePlaybook, KEEP, LEARN, TAKE } from './playbook.ts'

export const massRead = definePlaybook({
  name: 'mass-read',
  title: 'Data is carried away',
  what: 'A user, a key or an address reads or exports far more than usual.',
  severity: 'high',
  detections: ['mass-read'],
  created: '2026-11-21',
  modified: '2026-11-21',
  steps: [
    TAKE,
    {
      title: 'Slow it down',
      who: 'responder',
      phase: 'contain',
      what: 'Slower costs an honest reader little, and gives you time.',
      response: { name: 'slow-down', on: ['user', 'client', 'api-key', 'app'] },
      done: 'It reads no more than others do.',
    },
    {
      title: 'Ask who it is',
      who: 'responder',
      phase: 'detect',
      what: 'Is it the owner, a program of theirs, or somebody else? What was read, and how much?',
      command: 'holdfast incident trace --user VALUE',
      done: 'It is known who read, and what.',
    },
    {
      title: 'Stop it',
      who: 'responder',
      phase: 'contain',
      what: 'Close the export, or hold who reads.',
      response: { name: 'disable-route', on: ['route'] },
      gate: 'Is it not the owner’s own right to take their data with them?',
      done: 'Nothing more is carried away.',
    },
    KEEP,
    {
      title: 'Say what is out',
      who: 'owner',
      phase: 'recover',
      what: 'Whose data is it, and how bad is it for them? Write down what was decided and why.',
      gate: 'Who has to be told, and by when?',
      done: 'It is decided, and those who must know do.',
    },
    LEARN,
  ],
})
