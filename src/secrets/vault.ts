/**
 * Secrets from HashiCorp Vault or OpenBao, from the key-value engine of version 2, by its documented HTTP interface. What it answers with
 * is read strictly, and no message holds a token or a secret.
 * Sources: Vault's HTTP API, "KV secrets engine - version 2", "AppRole", "Kubernetes auth method"; OpenBao keeps the same paths.
 */
import { readFileSync } from 'node:fs'
import { reveal, Secret } from '../crypto/secret.ts'
import { createOutbound, type Outbound, type OutboundOptions } from '../outbound/index.ts'
import { checkName, SecretsError, type SecretSource } from './source.ts'

/** How it knows us. `mount`: where that way is mounted, when not at its usual place. */
export type VaultAuth =
  | { readonly token: Secret | string }
  | { readonly roleId: string; readonly secretId: Secret | string; readonly mount?: string }
  | { readonly role: string; readonly jwtFile?: string; readonly mount?: string }

export interface VaultOptions {
  /** `https://vault.internal:8200`. */
  readonly address: string
  readonly auth: VaultAuth
  /** Where the key-value engine is mounted. @default 'secret' */
  readonly mount?: string
  /** The secret of the engine whose fields are our secrets: `apps/shop`. */
  readonly path: string
  /** Of Vault Enterprise or OpenBao. @default none */
  readonly namespace?: string
  /** In which networks it is, and whose certificates it has. @default its host alone, at a public address */
  readonly outbound?: Pick<OutboundOptions, 'networks' | 'ca' | 'insecureAllowHosts' | 'resolve' | 'timeout'>
  /** @default Date.now */
  readonly now?: () => number
}

interface Login {
  readonly token: Secret
  /** After this it asks for another. */
  readonly until: number
}

const KUBERNETES_JWT = '/var/run/secrets/kubernetes.io/serviceaccount/token'
const PATH = /^[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_-]+)*$/

/** Makes the source. Throws SecretsError for options that cannot work. All fields of the path are read at once, each time anew. */
export function vaultSecrets(options: VaultOptions): SecretSource {
  const { auth, path, mount = 'secret', namespace, now = Date.now } = options
  const base = readBase(options)
  for (const [name, text] of Object.entries({ path, mount, namespace, 'auth.mount': 'mount' in auth ? auth.mount : undefined }))
    if (text !== undefined && !PATH.test(text))
      throw new SecretsError(`vault.${name} is ${JSON.stringify(text)}. Write it as apps/shop.`)
  const outbound = createOutbound({ ...options.outbound, allow: [base.hostname.replaceAll(/[[\]]/g, '')], redirects: 0, now })
  const head = namespace === undefined ? {} : { 'x-vault-namespace': namespace }
  let login: Login | undefined

  async function token(): Promise<Secret> {
    if ('token' in auth) return new Secret(reveal(auth.token))
    if (login !== undefined && now() < login.until) return login.token
    const [at, body] = loginOf(auth)
    const answer = await send(outbound, new URL(`v1/auth/${at}/login`, base), {
      ...{ method: 'POST', headers: { ...head, 'content-type': 'application/json' }, body: JSON.stringify(body) },
    })
    if (answer.status !== 200) throw refusalOf(answer.status, 'the sign-in')
    const { client_token: text, lease_duration: seconds } = fieldsOf((await parse(answer))['auth'])
    if (typeof text !== 'string' || typeof seconds !== 'number')
      throw new SecretsError('Vault answered the sign-in without a token.')
    login = { token: new Secret(text), until: now() + seconds * 800 } // four fifths: it is not to run out on the way
    return login.token
  }

  async function read(): Promise<Response> {
    const headers = { ...head, 'x-vault-token': (await token()).reveal() }
    return await send(outbound, new URL(`v1/${mount}/data/${path}`, base), { headers })
  }

  return {
    name: `${base.host}/${mount}/${path}`,
    async get(name) {
      checkName(name)
      let answer = await read()
      if (answer.status === 403 && login !== undefined) {
        login = undefined // revoked before its time: once more, with another
        answer = await read()
      }
      if (answer.status === 404) return undefined // never written, or its newest version was deleted
      if (answer.status !== 200) throw refusalOf(answer.status, path)
      const data = fieldsOf(fieldsOf((await parse(answer))['data'])['data'])
      const value = Object.hasOwn(data, name) ? data[name] : undefined
      if (value === undefined || typeof value === 'string') return value === undefined ? undefined : new Secret(value)
      throw new SecretsError(`The field ${name} of ${path} is no text. Store it as text.`)
    },
  }
}

function readBase({ address, outbound }: VaultOptions): URL {
  const url = URL.parse(address)
  const insecure = outbound?.insecureAllowHosts?.hosts.includes(url?.host ?? '') === true
  if (
    url === null ||
    url.pathname !== '/' ||
    url.username !== '' ||
    url.search !== '' ||
    (url.protocol !== 'https:' && !insecure)
  )
    throw new SecretsError('vault.address is not an https address without a path. Write it as https://vault.internal:8200.')
  return url
}

function loginOf(auth: Exclude<VaultAuth, { readonly token: Secret | string }>): readonly [string, object] {
  if ('roleId' in auth) return [auth.mount ?? 'approle', { role_id: auth.roleId, secret_id: reveal(auth.secretId) }]
  const file = auth.jwtFile ?? KUBERNETES_JWT
  try {
    return [auth.mount ?? 'kubernetes', { role: auth.role, jwt: readFileSync(file, 'utf8').trim() }]
  } catch (cause) {
    throw new SecretsError(`The token of the service account, ${file}, cannot be read.`, { cause })
  }
}

async function send(outbound: Outbound, url: URL, init: Parameters<Outbound['fetch']>[1]): Promise<Response> {
  try {
    return await outbound.fetch(url, { ...init, redirect: 'manual' })
  } catch (cause) {
    throw new SecretsError(`Vault at ${url.host} cannot be asked: ${cause instanceof Error ? cause.message : 'unknown'}.`, {
      cause,
    })
  }
}

async function parse(answer: Response): Promise<Readonly<Record<string, unknown>>> {
  try {
    return fieldsOf(await answer.json())
  } catch {
    throw new SecretsError('Vault answered with something that is not JSON.') // no cause: it would hold what was answered
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function refusalOf(status: number, what: string): SecretsError {
  const why =
    status === 403 || status === 400
      ? 'The token or the role may not read it, or has run out.'
      : status === 503 || status === 501
        ? 'It is sealed or not set up.'
        : 'See its log.'
  return new SecretsError(`Vault answered ${status} to ${what}. ${why}`)
}
