/**
 * Tokens by which Vault knows us: asked for once by all who wait, renewed while they may be, and asked for anew after that. A role whose
 * secret id is good for one sign-in would refuse the second.
 * Sources: Vault's and OpenBao's HTTP API, "AppRole", "Kubernetes auth method", "Renew a token (self)".
 */
import { readFileSync } from 'node:fs'
import { reveal, Secret } from '../crypto/secret.ts'
import { SecretsError } from './source.ts'
import { fieldsOf, parse, refusalOf } from './vault-answers.ts'

/** How it knows us. `mount`: where that way is mounted, when not at its usual place. */
export type VaultAuth =
  | { readonly token: Secret | string }
  | { readonly roleId: string; readonly secretId: Secret | string; readonly mount?: string }
  | { readonly role: string; readonly jwtFile?: string; readonly mount?: string }

/** A request to a path of the interface, without `v1/`. */
export type Call = (at: string, init?: CallInit) => Promise<Response>

interface CallInit {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Tokens {
  get(): Promise<Secret>
  /** That this one is good no more. `false`: there is no other. */
  forget(token: Secret): boolean
}

interface Lease {
  readonly token: Secret
  /** After this it is renewed, or another is asked for. */
  readonly until: number
  readonly renewable: boolean
}

type Role = Exclude<VaultAuth, { readonly token: Secret | string }>

const KUBERNETES_JWT = '/var/run/secrets/kubernetes.io/serviceaccount/token'

export function fixedToken(token: Secret | string): Tokens {
  return { get: () => Promise.resolve(new Secret(reveal(token))), forget: () => false }
}

export function createTokens(auth: Role, call: Call, now: () => number): Tokens {
  let lease: Lease | undefined
  let asking: Promise<Lease> | undefined

  async function next(): Promise<Lease> {
    const renewed = lease?.renewable ? await renew(lease) : undefined
    return (lease = renewed ?? (await signIn()))
  }

  /** `undefined` where it has run out, or lives as long as it may. */
  async function renew({ token }: Lease): Promise<Lease | undefined> {
    const answer = await call('auth/token/renew-self', post({}, { 'x-vault-token': token.reveal() }))
    return answer.status === 200 ? await read(answer) : undefined
  }

  async function signIn(): Promise<Lease> {
    const [at, body] = loginOf(auth)
    const answer = await call(`auth/${at}/login`, post(body))
    if (answer.status !== 200) throw refusalOf(answer.status, 'the sign-in')
    return await read(answer)
  }

  async function read(answer: Response): Promise<Lease> {
    const { client_token: text, lease_duration: seconds, renewable } = fieldsOf((await parse(answer))['auth'])
    if (typeof text !== 'string' || text === '' || typeof seconds !== 'number')
      throw new SecretsError('Vault answered the sign-in without a token.')
    // Four fifths: it is not to run out on the way.
    return { token: new Secret(text), until: now() + seconds * 800, renewable: renewable === true }
  }

  return {
    async get() {
      if (lease !== undefined && now() < lease.until) return lease.token
      asking ??= next().finally(() => (asking = undefined))
      return (await asking).token
    },
    forget(token) {
      // Else somebody was faster, and has another already.
      if (Object.is(lease?.token, token)) lease = undefined
      return true
    },
  }
}

function post(body: object, headers: Readonly<Record<string, string>> = {}): CallInit {
  return { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function loginOf(auth: Role): readonly [string, object] {
  if ('roleId' in auth) return [auth.mount ?? 'approle', { role_id: auth.roleId, secret_id: reveal(auth.secretId) }]
  const file = auth.jwtFile ?? KUBERNETES_JWT
  try {
    return [auth.mount ?? 'kubernetes', { role: auth.role, jwt: readFileSync(file, 'utf8').trim() }]
  } catch (cause) {
    throw new SecretsError(`The token of the service account, ${file}, cannot be read.`, { cause })
  }
}
