/** `holdfast keys`: makes keys for the key ring. */
import { generateKey } from '../../crypto/keyring.ts'
import { done, Refusal, type Command } from '../command.ts'

export const keys: Command = {
  name: 'keys',
  what: 'Make keys, for HOLDFAST_KEYS',
  more: [
    'To begin: HOLDFAST_KEYS=<key>, or a file with it and HOLDFAST_KEYS_FILE=<path>.',
    'To rotate: put the new key before the old one, with a comma between. The first signs, all are recognised.',
    'Take the old one away when everything it signed has expired.',
  ].join('\n'),
  actions: [
    {
      name: 'generate',
      args: [],
      what: 'Print a new key. Nothing is stored: keep it where only the application can read it',
      options: { id: { type: 'string', value: 'ID', what: 'Its name in the ring [a random one]' } },
      async run({ option }) {
        const key = makeKey(option('id'))
        return done(key, { key })
      },
    },
  ],
}

function makeKey(id: string | undefined): string {
  try {
    return generateKey(id)
  } catch (error) {
    throw new Refusal(2, (error as Error).message)
  }
}
