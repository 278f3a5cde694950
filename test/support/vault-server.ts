/**
 * A small server that answers as HashiCorp Vault's HTTP API is documented to: KV version 2, AppRole and Kubernetes sign-in, namespaces,
 * its shapes of answers and of errors. For tests; it writes down what it was asked.
 */
import http from 'node:http'
import type { AddressInfo } from 'node:net'

export interface VaultServer {
  /** `localhost:PORT`. */
  readonly host: string
  /** `METHOD path`, the oldest first. */
  readonly asked: string[]
  /** What the engine holds, by `mount/path`; `undefined`: its newest version was deleted. */
  readonly data: Map<string, Record<string, unknown> | undefined>
  /** Tokens that are good now. */
  readonly tokens: Set<string>
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
    broken: undefined as VaultServer['broken'],
  }
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      state.asked.push(`${request.method!} ${request.url!}`)
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
    const [mount, kind, ...path] = rest
    if (kind !== 'data' || request.method !== 'GET') return json(404, { errors: [] })
    const namespace = request.headers['x-vault-namespace']
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
        ? body['role_id'] === ROLE.roleId && body['secret_id'] === ROLE.secretId
        : mount === 'kubernetes' && body['role'] === 'shop' && body['jwt'] === JWT
    if (!known) return json(400, { errors: ['invalid role or secret ID'] })
    const token = `hvs.issued-${++issued}`
    state.tokens.add(token)
    return json(200, { data: null, auth: { client_token: token, lease_duration: LEASE, renewable: true, policies: ['shop'] } })
  }

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
