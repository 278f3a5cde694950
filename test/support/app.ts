/** Starts the test application under one of the frameworks, and gives what an attacker and a test need. */
import { mkdtempSync, rmSync } from 'node:fs'
import http, { type IncomingHttpHeaders, type Server } from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, drain, type Certificate } from '../../src/adapters/server.ts'
import type { SecurityEvent } from '../../src/engine/events.ts'
import { createHoldfast, type Holdfast, type HoldfastOptions, Secret } from '../../src/index.ts'
import { generateKey } from '../../src/crypto/keyring.ts'
import { localCertificate } from '../../src/tls/local.ts'
import { expressTestApp } from './apps/express.ts'
import { fastifyApp } from './apps/fastify.ts'
import { honoApp } from './apps/hono.ts'
import { nodeApp } from './apps/node.ts'
import type { MailMessage } from '../../src/mail/message.ts'
import { capturingTransport } from './mail.ts'
import { openFiles } from './files.ts'
import { openForms } from './forms.ts'
import { freePort } from './ports.ts'
import { openPaths, specialRoutes, type State } from './routes.ts'

export const ADAPTERS = ['node', 'express', 'fastify', 'hono'] as const
export type Adapter = (typeof ADAPTERS)[number]

export const PASSWORD = 'a walrus sings at four'

export interface Response {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Every value of a header. */
  all(name: string): readonly string[]
  readonly text: string
}

export interface RequestInit {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Buffer
}

export interface TestApp {
  readonly origin: string
  readonly port: number
  readonly holdfast: Holdfast
  readonly server: Server
  readonly state: State
  readonly events: SecurityEvent[]
  readonly faults: unknown[]
  readonly clock: { advance(milliseconds: number): void; now(): number }
  /** One request, sent as it is written: no normalising of path or headers. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Bytes to a socket, and what came back until it closed, or nothing more came for `quiet` ms. For the first byte it waits longer. */
  raw(bytes: string | Buffer, options?: { readonly quiet?: number }): Promise<string>
  /** A user with that role, signed in through the gate; `cookie` is a Cookie header. */
  signIn(
    role: 'member' | 'admin',
    login?: string,
  ): Promise<{ readonly cookie: string; readonly userId: string; readonly login: string }>
  /** The letters that were sent since the last call, the oldest first, after sending what is due. See `linkIn` of ./mail.ts. */
  mails(): Promise<MailMessage[]>
  [Symbol.asyncDispose](): Promise<void>
}

export interface TestAppOptions {
  readonly adapter?: Adapter
  readonly options?: Partial<HoldfastOptions>
  readonly tls?: boolean
}

/** Cheap hashing: what is tested is who gets in, not what a guess costs. */
const FAST_HASHING = { insecureParameters: { memory: 64, passes: 1, parallelism: 1 } }

export async function startApp({ adapter = 'node', options = {}, tls = false }: TestAppOptions = {}): Promise<TestApp> {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  const port = await freePort()
  const origin = `${tls ? 'https' : 'http'}://localhost:${port}`
  const events: SecurityEvent[] = []
  const faults: unknown[] = []
  let time = Date.now()
  const transport = capturingTransport()
  const holdfast = await createHoldfast({
    origin,
    mode: 'test',
    data,
    database: ':memory:',
    keys: new Secret(generateKey()),
    log: (event) => void events.push(event),
    onFault: (error) => void faults.push(error),
    now: () => time,
    public: openPaths,
    routes: specialRoutes,
    passwords: { hashing: FAST_HASHING },
    mail: { from: 'Test <noreply@app.example>', transport },
    ...options,
  })
  const state: State = { notes: [], hits: {}, bodies: [], files: openFiles(data), forms: openForms(data) }
  const certificate = tls ? await testCertificate() : undefined
  const server = await listen(adapter, holdfast, state, port, certificate)

  async function signIn(role: 'member' | 'admin', login = `${role}-${events.length}`) {
    const created = await holdfast.accounts.users.create(
      { login, roles: [role], password: new Secret(PASSWORD) },
      { kind: 'system', id: 'test' },
    )
    if (!created.ok) throw new Error(`no test user: ${created.reason}`)
    const from = { address: '127.0.0.1', network: '127.0.0.1', userAgent: 'test' }
    const result = await holdfast.accounts.doors.password.signIn({ login, password: new Secret(PASSWORD) }, from)
    if (!result.ok) throw new Error(`no test session: ${result.reason}`)
    // What detections learn of it is read from the store a moment later: not while somebody counts queries.
    await holdfast.detections.settled()
    return { cookie: `${tls ? '__Host-hf_sid' : 'hf_sid_localhost'}=${result.token.reveal()}`, userId: created.user.id, login }
  }

  return {
    origin,
    port,
    holdfast,
    server,
    state,
    events,
    faults,
    clock: { advance: (milliseconds) => void (time += milliseconds), now: () => time },
    fetch: (path, init) => send(port, tls, path, init),
    raw: (bytes, { quiet } = {}) => exchange(port, bytes, quiet === undefined ? PATIENCE : { first: quiet, quiet }),
    signIn,
    async mails() {
      await holdfast.mail?.flush()
      return transport.sent.splice(0)
    },
    async [Symbol.asyncDispose]() {
      await drain(server, 0)
      await holdfast.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

async function listen(
  adapter: Adapter,
  holdfast: Holdfast,
  state: State,
  port: number,
  certificate: Certificate | undefined,
): Promise<Server> {
  if (adapter === 'fastify') {
    const app = fastifyApp(holdfast, state, certificate)
    await app.listen({ port, host: '127.0.0.1' })
    return app.server as Server
  }
  const listener = { node: nodeApp, express: expressTestApp, hono: honoApp }[adapter](holdfast, state)
  const server = createServer(holdfast, listener, certificate ? { tls: certificate } : {})
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve))
  return server
}

let certificate: Promise<Certificate> | undefined
function testCertificate(): Promise<Certificate> {
  return (certificate ??= localCertificate(mkdtempSync(join(tmpdir(), 'holdfast-tls-'))))
}

function send(
  port: number,
  tls: boolean,
  path: string,
  { method = 'GET', headers = {}, body }: RequestInit = {},
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const transport = tls ? https : http
    const given = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
    )
    const host = Object.keys(given).some((name) => name.toLowerCase() === 'host') ? {} : { host: `localhost:${port}` }
    const request = transport.request({
      port,
      host: '127.0.0.1',
      method,
      path,
      headers: { ...host, ...given },
      agent: false,
      rejectUnauthorized: false,
    })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          all: (name) => response.headersDistinct[name.toLowerCase()] ?? [],
          text: Buffer.concat(chunks).toString(),
        }),
      )
    })
    request.end(body)
  })
}

/** Milliseconds. A machine with much to do answers late, and an attack is not lost because of it; most are answered at once. */
const PATIENCE = { first: 3000, quiet: 250 }

function exchange(
  port: number,
  bytes: string | Buffer,
  { first, quiet }: { readonly first: number; readonly quiet: number },
): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    let text = ''
    const finish = () => {
      socket.destroy()
      resolve(text)
    }
    socket.setTimeout(first, finish)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      socket.setTimeout(quiet)
    })
    socket.on('close', finish)
    socket.on('error', finish)
    socket.write(bytes)
  })
}
