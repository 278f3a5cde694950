/** Secrets in the settings that somebody could guess, or that stand in two places: the process does not start with them (CWE-521, CWE-1392). */
import type { Secret } from '../crypto/secret.ts'
import { HoldfastError } from '../engine/errors.ts'
import { isOwnMachine } from '../http/own-machine.ts'
import { passwordWeakness, repeatedSecret, secretWeakness } from '../secrets/strength.ts'

const RINGS = ['HOLDFAST_KEYS', 'HOLDFAST_PEPPER', 'HOLDFAST_SECRETS_KEY'] as const
const OTHERS = ['HOLDFAST_OIDC_CLIENT_SECRET', 'HOLDFAST_METRICS_TOKEN', 'HOLDFAST_ALERT_WEBHOOK_SECRET'] as const
/** Addresses with a password in them. */
const ADDRESSES = ['HOLDFAST_DATABASE_URL', 'HOLDFAST_REDIS_URL', 'HOLDFAST_MAIL'] as const

type Read = (name: (typeof RINGS | typeof OTHERS | typeof ADDRESSES)[number]) => Secret<string> | undefined

/**
 * Throws HF_OPTION_INVALID, without the secret. Keys are looked at where they are used. On one's own machine the passwords of servers may be
 * what their images begin with.
 */
export function refuseWeak(read: Read, origin: string): void {
  const client = read('HOLDFAST_OIDC_CLIENT_SECRET')
  const weakness = client && secretWeakness(client)
  if (weakness !== undefined) refuse(`HOLDFAST_OIDC_CLIENT_SECRET ${weakness}.`, 'Let the provider make a new one.')
  if (!isOwnMachine(URL.parse(origin)?.hostname ?? ''))
    for (const name of ADDRESSES) {
      const weak = weaknessIn(read(name))
      if (weak !== undefined) refuse(`The password in ${name} ${weak}.`, 'Give that server another one: openssl rand -base64 24.')
    }
  const twice = repeatedSecret(namedSecrets(read))
  if (twice)
    refuse(`${twice[0]} and ${twice[1]} are the same.`, 'Make one of its own for each: whoever learns the one has the other.')
}

function refuse(what: string, fix: string): never {
  throw new HoldfastError('HF_OPTION_INVALID', what, { fix })
}

function weaknessIn(address: Secret<string> | undefined): string | undefined {
  const { username = '', password = '' } = URL.parse(address?.reveal() ?? '') ?? {}
  return password === '' ? undefined : passwordWeakness(decoded(password), decoded(username))
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Secrets that only programs use, by where they stand. Of rings each key, since another id does not make it another key. */
function namedSecrets(read: Read): Readonly<Record<string, string | Secret | undefined>> {
  const rings = RINGS.flatMap((name) => {
    const keys = read(name)?.reveal().split(',') ?? []
    const named = (index: number) => (keys.length === 1 ? name : `Key ${index + 1} of ${name}`)
    return keys.map((key, index) => [named(index), key.slice(key.indexOf(':') + 1).trim()] as const)
  })
  return Object.fromEntries([...rings, ...OTHERS.map((name) => [name, read(name)] as const)])
}
