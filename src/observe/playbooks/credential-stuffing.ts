/** Playbook: pairs of name and password from elsewhere, or one password, are tried on many accounts. */
import { definePlaybook, KEEP, LEARN, TAKE } from './playbook.ts'

export const credentialStuffing = definePlaybook({
  name: 'credential-stuffing',
  title: 'Passwords are tried on many accounts',
  what: 'Sign-ins fail for many accounts, from one address, a network, or everywhere at once.',
  severity: 'high',
  detections: [
    ...['credential-stuffing', 'password-spraying', 'distributed-failures', 'guessing-everywhere', 'brute-force-address'],
    ...['user-enumeration', 'lockout-burst', 'guessing-one-account', 'brute-force-account', 'reset-abuse'],
  ],
  created: '2026-11-21',
  modified: '2026-11-21',
  steps: [
    TAKE,
    {
      title: 'Find who got in',
      who: 'responder',
      phase: 'detect',
      what: 'Look for sign-ins that succeeded from the same addresses, or right after failures.',
      command: 'holdfast incident trace --client VALUE',
      done: 'The accounts that were entered are known, or that there are none.',
    },
    {
      title: 'Slow it down',
      who: 'responder',
      phase: 'contain',
      what: 'Refuse the addresses while they are few; tighten the limits when they are many.',
      response: { name: 'block-client', on: ['client'] },
      done: 'The failures have fallen to what is usual.',
    },
    {
      title: 'Refuse the network',
      who: 'administrator',
      phase: 'contain',
      what: 'When one network sends most of it, refuse the network for an hour.',
      response: { name: 'block-network', on: ['network', 'client'] },
      gate: 'Do people who belong here use that network (a carrier, an office, a VPN)?',
      done: 'The network is refused, or it was decided that it is not.',
    },
    {
      title: 'Put out who got in',
      who: 'responder',
      phase: 'remove',
      what: 'End the sessions of each account that was entered, and make its password useless: somebody else knows it.',
      response: { name: 'force-password-change', on: ['user'] },
      gate: 'Is the address of mail still the owner’s? Otherwise lock the account, and reach the owner another way.',
      done: 'No session of these accounts is older than this step.',
    },
    {
      title: 'Tell the owners',
      who: 'owner',
      phase: 'recover',
      what: 'Owners learn that their password is known elsewhere, and set up a second factor or a passkey.',
      response: { name: 'notify-user', on: ['user'] },
      done: 'Every owner of an account that was entered got a letter.',
    },
    KEEP,
    LEARN,
  ],
})
