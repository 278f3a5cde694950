/** `holdfast keys`: makes keys, rotates the key ring, seals anew; lists and rotates the keys that sign access tokens. */
import { generateKey } from '../../crypto/keyring.ts'
import type { ListedSigningKey } from '../../accounts/types.ts'
import { shown } from '../arguments.ts'
import { done, refused, Refusal, type Call, type Command, type Outcome } from '../command.ts'
import { ringActions } from '../key-ring.ts'
import { instant, table } from '../table.ts'

export const keys: Command = {
  name: 'keys',
  what: 'Make keys, rotate the key ring, seal anew; rotate the keys that sign access tokens',
  more: [
    'To begin: HOLDFAST_KEYS=<key>, or a file with it and HOLDFAST_KEYS_FILE=<path>.',
    'To rotate: keys rotate, restart all processes, wait until the new key is current, keys reencrypt; much later keys retire.',
    'By hand: put the new key before the old one, with a comma between. The first signs, all are recognised.',
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
    ...ringActions,
    {
      name: 'jwks',
      args: ['list|rotate'],
      what: 'The keys of access tokens: list them, or let the next one, which is published already, sign from now on',
      options: {
        revoke: { type: 'boolean', what: 'With rotate: what older keys signed is void at once; apps refresh by themselves' },
      },
      run: jwks,
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

/** No private key is opened here: the application has made the next one, and makes the one after it. */
async function jwks(call: Call): Promise<Outcome> {
  const [verb] = call.args
  if (verb !== 'list' && verb !== 'rotate') throw new Refusal(2, `keys jwks cannot ${shown(verb!)}. Write list or rotate.`)
  if (verb === 'list' && call.flag('revoke')) throw new Refusal(2, '--revoke goes with rotate.')
  const { CLI, withAccounts } = await import('../open.ts')
  return await withAccounts(call, { make: false }, async ({ tokens }) => {
    if (verb === 'list') {
      const keys = await tokens.signingKeys(call.io.now())
      return done(describe(keys), { keys })
    }
    const rotated = await tokens.rotateKey(CLI, { revoke: call.flag('revoke') })
    if (rotated) return done(`${rotated.id} signs from now on.`, { key: rotated })
    return refused(
      'no-next-key',
      'There is no next key yet. The running application makes it within a minute of its first token.',
    )
  })
}

function describe(keys: readonly ListedSigningKey[]): string {
  if (keys.length === 0) return 'No key: the application makes the first with its first token.'
  const rows = keys.map(({ id, algorithm, state, activeAt }) => [id, algorithm, state, instant(activeAt)])
  return table(['KEY', 'ALGORITHM', 'STATE', 'SIGNS FROM'], rows)
}
