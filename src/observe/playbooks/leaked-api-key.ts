/** Playbook: an API key or an app's token is in hands in which it does not belong. */
import { definePlaybook, KEEP, LEARN, TAKE } from './playbook.ts'

export const leakedApiKey = definePlaybook({
  name: 'leaked-api-key',
  title: 'An API key has leaked',
  what: 'A key stands in a repository or a log, is used from somewhere else, or after it was revoked.',
  severity: 'high',
  detections: ['token-forgery', 'token-reused', 'honeytoken', 'refresh-token-reuse'],
  created: '2026-11-21',
  modified: '2026-11-21',
  steps: [
    TAKE,
    {
      title: 'See what it did, and could do',
      who: 'responder',
      phase: 'detect',
      what: 'Whose is it, what may it, from where was it used, and for what?',
      command: 'holdfast incident trace --api-key VALUE',
      done: 'It is written down what was read and changed with it.',
    },
    {
      title: 'Revoke it',
      who: 'responder',
      phase: 'contain',
      what: 'Make a new key for the program first when there is time; a key that is used by somebody else has none.',
      response: { name: 'revoke-api-key', on: ['api-key'] },
      gate: 'Which programs stop without it? Tell who runs them.',
      done: 'The key is refused.',
    },
    {
      title: 'Refuse the address',
      who: 'responder',
      phase: 'contain',
      what: 'Who found one key looks for others.',
      response: { name: 'block-client', on: ['client'] },
      done: 'The address is refused, or it is one of our own.',
    },
    {
      title: 'Find how it leaked',
      who: 'administrator',
      phase: 'remove',
      what: 'Search repositories, logs, images and tickets for it. What leaked one key leaked its neighbours.',
      done: 'It is known where it was, and it is there no more.',
    },
    {
      title: 'Give the program a new one',
      who: 'administrator',
      phase: 'recover',
      what: 'With fewer scopes, a shorter life and a limit of its own.',
      command: 'holdfast api-keys list LOGIN',
      done: 'The program runs with the new key.',
    },
    KEEP,
    LEARN,
  ],
})
