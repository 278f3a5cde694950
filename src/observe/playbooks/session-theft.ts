/** Playbook: a cookie or a token was copied, and two hold it. */
import { definePlaybook, KEEP, LEARN, TAKE } from './playbook.ts'

export const sessionTheft = definePlaybook({
  name: 'session-theft',
  title: 'A session was stolen',
  what: 'A token is used after it was replaced or ended, or a session comes from two places.',
  severity: 'high',
  detections: [
    ...['remember-reused', 'session-context-change', 'session-after-end', 'forged-session'],
    ...['script-probe', 'content-policy-violations', 'csrf-burst', 'cors-probe'],
  ],
  created: '2026-11-21',
  modified: '2026-11-21',
  steps: [
    TAKE,
    {
      title: 'End what is open',
      who: 'responder',
      phase: 'contain',
      what: 'All sessions and apps of the user, and what their browsers remember: it is not known which one is the copy.',
      response: { name: 'end-user-sessions', on: ['user', 'session'] },
      done: 'The user has no session that is older than this step.',
    },
    {
      title: 'See what the copy did',
      who: 'responder',
      phase: 'detect',
      what: 'Tell apart the addresses and browsers of the session: which requests were not the owner’s?',
      command: 'holdfast incident trace --session VALUE',
      done: 'It is written down what was done with the copy.',
    },
    {
      title: 'Find how it was copied',
      who: 'administrator',
      phase: 'remove',
      what: 'Script in a page (look for reports of the content policy), malware at the user’s, a log with cookies, a proxy.',
      done: 'The way is closed, or it is the user’s own machine and they know.',
    },
    {
      title: 'Bind sessions to devices',
      who: 'administrator',
      phase: 'recover',
      what: 'A session that is bound to a key of its device is worth nothing elsewhere: session.deviceBound.',
      done: 'It is decided.',
    },
    {
      title: 'Tell the owner',
      who: 'owner',
      phase: 'recover',
      what: 'They sign in again, and look at what was done in their name.',
      response: { name: 'notify-user', on: ['user'] },
      done: 'The owner knows.',
    },
    KEEP,
    LEARN,
  ],
})
