import { Secret } from '../../src/crypto/secret.ts'
import type { HoldfastOptions } from '../../src/index.ts'
import { defineAttack } from '../support/attack.ts'

const system = { kind: 'system', id: 'test' } as const
/** Long enough, and among the first that a guesser with a list and a few rules tries. */
const GUESSED = [
  'Liverpool-arsenal',
  'chelsea.tottenham',
  'Sunshine.Princess',
  'unbelievable2024!',
  'password12345678',
  'qwertyuiopasdfgh',
]
const LEAKED = 'a walrus sings at four, and it leaked'

/** A service of ranges that knows one password. */
async function ranges(): Promise<Response> {
  const { createHash } = await import('node:crypto')
  return new Response(`${createHash('sha1').update(LEAKED).digest('hex').slice(5).toUpperCase()}:3\r\n`)
}

const passwords = (onFailure: 'open' | 'closed', fetch: () => Promise<Response>): Pick<HoldfastOptions, 'passwords'> => ({
  passwords: { hashing: { insecureParameters: { memory: 64, passes: 1, parallelism: 1 } }, leaked: { onFailure, fetch } },
})

/** Whether somebody chose the password. */
async function isSet(app: Parameters<Parameters<typeof defineAttack>[0]['succeeds']>[0], password: string): Promise<boolean> {
  const login = `user-${password.length}-${password.codePointAt(0)}`
  return (await app.holdfast.accounts.users.create({ login, password: new Secret(password) }, system)).ok
}

export default [
  defineAttack({
    id: 'A104g',
    title: 'guesses a long password that is made of common ones',
    control: 'signIn',
    without: { heldBy: 'design', why: 'the list is part of the policy, which no option turns off' },
    async succeeds(app) {
      if (!(await isSet(app, 'crimson kettle orbit lagoon'))) throw new Error('The judge takes no password at all.')
      for (const password of GUESSED) if (await isSet(app, password)) return true
      return false
    },
  }),
  defineAttack({
    id: 'A104h',
    title: 'tries passwords that leaked elsewhere',
    control: 'signIn',
    options: passwords('closed', ranges),
    without: passwords('open', () => Promise.reject(new Error('the service is down'))),
    succeeds: (app) => isSet(app, LEAKED),
  }),
]
