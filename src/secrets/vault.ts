/**
 * Secrets from HashiCorp Vault or OpenBao, from the key-value engine of version 1 or 2, by its documented HTTP interface. What it answers
 * with is read strictly, and no message holds a token or a secret.
 * Sources: OpenBao's HTTP API, "KV secrets engine" versions 1 and 2, "The X-Vault-Request header"; Vault has the same paths.
 */
import { Secret } from '../crypto/secret.ts'
import { createOutbound, type Outbound, type OutboundOptions } from '../outbound/index.ts'
import { checkName, SecretsError, type SecretSource } from './source.ts'
import { fieldsOf, parse, refusalOf } from './vault-answers.ts'
import { createTokens, fixedToken, type Call, type VaultAuth } from './vault-tokens.ts'

export type { VaultAuth } from './vault-tokens.ts'

export interface VaultOptions {
  /** `https://vault.internal:8200`. */
  readonly address: string
  readonly auth: VaultAuth
  /** Where the key-value engine is mounted. @default 'secret' */
  readonly mount?: string
  /** Of that engine: 1 keeps no older versions, and is what `secrets enable kv` makes. @default 2 */
  readonly version?: 1 | 2
  /** The secret of the engine whose fields are our secrets: `apps/shop`. */
  readonly path: string
  /** Of Vault Enterprise or OpenBao. @default none */
  readonly namespace?: string
  /** In which networks it is, and whose certificates it has. @default its host alone, at a public address */
  readonly outbound?: Pick<OutboundOptions, 'networks' | 'ca' | 'insecureAllowHosts' | 'resolve' | 'timeout'>
  /** @default Date.now */
  readonly now?: () => number
}

const PATH = /^[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_-]+)*$/

/** Makes the source. Throws SecretsError for options that cannot work. All fields of the path are read at once, each time anew. */
export function vaultSecrets(options: VaultOptions): SecretSource {
  const { auth, path, mount = 'secret', version = 2, namespace, now = Date.now } = options
  const base = readBase(options)
  for (const [name, text] of Object.entries({ path, mount, namespace, 'auth.mount': 'mount' in auth ? auth.mount : undefined }))
    if (text !== undefined && !PATH.test(text))
      throw new SecretsError(`vault.${name} is ${JSON.stringify(text)}. Write it as apps/shop.`)
  if (version !== 1 && version !== 2) throw new SecretsError(`vault.version is ${String(version)}. Write 1 or 2.`)
  const outbound = createOutbound({ ...options.outbound, allow: [base.hostname.replaceAll(/[[\]]/g, '')], redirects: 0, now })
  // A proxy of Vault may refuse who does not send the first: a request that somebody was tricked into sending has it not (CWE-918).
  const head = { 'x-vault-request': 'true', ...(namespace !== undefined && { 'x-vault-namespace': namespace }) }
  const call: Call = (at, init = {}) =>
    send(outbound, new URL(`v1/${at}`, base), { ...init, headers: { ...head, ...init.headers } })
  const tokens = 'token' in auth ? fixedToken(auth.token) : createTokens(auth, call, now)
  const at = version === 1 ? `${mount}/${path}` : `${mount}/data/${path}`
  const read = async (token: Secret): Promise<Response> => await call(at, { headers: { 'x-vault-token': token.reveal() } })

  return {
    name: `${base.host}/${mount}/${path}`,
    async get(name) {
      checkName(name)
      const token = await tokens.get()
      let answer = await read(token)
      // Revoked before its time: once more, with another.
      if (answer.status === 403 && tokens.forget(token)) answer = await read(await tokens.get())
      if (answer.status === 404) return undefined // never written, or its newest version was deleted
      if (answer.status !== 200) throw refusalOf(answer.status, path)
      const outer = fieldsOf((await parse(answer))['data'])
      const data = version === 1 ? outer : fieldsOf(outer['data'])
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

async function send(outbound: Outbound, url: URL, init: Parameters<Outbound['fetch']>[1]): Promise<Response> {
  try {
    return await outbound.fetch(url, { ...init, redirect: 'manual' })
  } catch (cause) {
    throw new SecretsError(`Vault at ${url.host} cannot be asked: ${cause instanceof Error ? cause.message : 'unknown'}.`, {
      cause,
    })
  }
}
