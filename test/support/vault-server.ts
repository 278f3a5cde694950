/**
 * A small server that answers as HashiCorp Vault's HTTP API is documented to: KV versions 1 and 2, AppRole and Kubernetes sign-in,
 * renewal, namespaces, its shapes of answers and of errors. For tests; it writes down what it was asked.
 */
import http from 'node:http'
import type { AddressInfo } from 'node:net'

export interface VaultServer {
  /** `localhost:PORT`. */
  readonly host: string
  /** `METHOD path`, the oldest first. */
  readonly asked: string[]
  /** What the engine holds, by `mount/path`, of version 1 by `v1:mount/path`; `undefined`: its newest version was deleted. */
  readonly data: Map<string, Record<string, unknown> | undefined>
  /** Tokens that are good now. */
  readonly tokens: Set<string>
  /** How often the secret id of the role is good for a sign-in (`secret_id_num_uses`). */
  signIns: number
  /** Whether tokens that were issued may be renewed. */
  renewable: boolean
  /** Fields of the head of the last request. */
  head: http.IncomingHttpHeaders
  /** Answers with this status and body instead, to everything. */
  broken: { status: number; body: string; head?: Record<string, string> } | undefined
  [Symbol.asyncDispose](): Promise<void>
}

export const ROOT = 'hvs.root-token-of-the-test'
export const ROLE = { roleId: 'role-of-shop', secretId: 'secret-id-of-shop' }
export const JWT = 'jwt.of.the-service-account'
const LEASE = 600

export async function vaultServer(): Promise<VaultServer> {
  let issued = 0
  const state = {
    asked: [] as string[],
    data: new Map<string, Record<string, unknown> | undefined>(),
    tokens: new Set([ROOT]),
    signIns: Number.POSITIVE_INFINITY,
    renewable: false,
    head: {} as http.IncomingHttpHeaders,
    broken: undefined as VaultServer['broken'],
  }
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      state.asked.push(`${request.method!} ${request.url!}`)
      state.head = request.headers
      const { status, body, head } = state.broken ?? answer(request, Buffer.concat(chunks).toString())
      response.writeHead(status, { 'content-type': 'application/json', ...head }).end(body)
    })
  })

  function answer(request: http.IncomingMessage, text: string): { status: number; body: string; head?: Record<string, string> } {
    const [, version, ...rest] = request.url!.split('/')
    if (version !== 'v1') return json(404, { errors: [] })
    if (rest[0] === 'auth' && rest.at(-1) === 'login' && request.method === 'POST') return signIn(rest[1]!, JSON.parse(text))
    const token = request.headers['x-vault-token']
    if (typeof token !== 'string' || !state.tokens.has(token)) return json(403, { errors: ['permission denied'] })
    if (rest.join('/') === 'auth/token/renew-self' && request.method === 'POST') return renew(token)
    const [mount, kind, ...path] = rest
    if (request.method !== 'GET') return json(405, { errors: [] })
    const namespace = request.headers['x-vault-namespace']
    const plain = state.data.get(`v1:${rest.join('/')}`)
    if (plain) return json(200, { lease_id: '', renewable: false, lease_duration: 2_764_800, data: plain, auth: null })
    if (kind !== 'data') return json(404, { errors: [] })
    const name = [...(namespace === undefined ? [] : [namespace]), mount, ...path].join('/')
    if (!state.data.has(name)) return json(404, { errors: [] })
    const data = state.data.get(name) ?? null
    const metadata = {
      created_time: '2027-01-01T00:00:00Z',
      deletion_time: data ? '' : '2027-01-02T00:00:00Z',
      destroyed: false,
      version: 1,
    }
    return json(data ? 200 : 404, {
      request_id: 'r',
      lease_id: '',
      renewable: false,
      lease_duration: 0,
      data: { data, metadata },
      auth: null,
    })
  }

  function signIn(mount: string, body: Record<string, unknown>) {
    const known =
      mount === 'approle'
        ? body['role_id'] === ROLE.roleId && body['secret_id'] === ROLE.secretId && state.signIns-- > 0
        : mount === 'kubernetes' && body['role'] === 'shop' && body['jwt'] === JWT
    if (!known) return json(400, { errors: ['invalid role or secret ID'] })
    const token = `hvs.issued-${++issued}`
    state.tokens.add(token)
    return lease(token)
  }

  function renew(token: string) {
    return state.renewable ? lease(token) : json(400, { errors: ['lease is not renewable'] })
  }

  const lease = (token: string) =>
    json(200, {
      data: null,
      auth: { client_token: token, lease_duration: LEASE, renewable: state.renewable, policies: ['shop'] },
    })

  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return Object.assign(state, {
    host: `localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  })
}

function json(status: number, body: unknown) {
  return { status, body: JSON.stringify(body) }
}
