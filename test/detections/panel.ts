/** The admin panel in this process, on loopback, with a clock that one moves: what fires is seen as it fires. */
import { mkdtempSync, rmSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp, openPaths, rules } from '../../examples/admin-panel/app.ts'
import { createData, migrations } from '../../examples/admin-panel/data.ts'
import { illustratedNote } from '../../examples/admin-panel/forms.ts'
import { watched } from '../../examples/admin-panel/watch.ts'
import { generateKey } from '../../src/crypto/keyring.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { createHoldfast, type Detected, type Holdfast, type HoldfastOptions, type SecurityEvent } from '../../src/index.ts'
import { openDatabase } from '../../src/store/database-url.ts'
import { capturingTransport } from '../support/mail.ts'

export const PASSWORD = 'four tall trees by a river'
export const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
export const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'

/** A detection that fired, and when by the process's own clock. */
export interface Told {
  readonly detected: Detected
  /** Milliseconds since the request that decided it began, or one before it: never less. */
  readonly after: number
  /** When it was told, by that clock. */
  readonly at: number
}

export interface Sending {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
  readonly json?: unknown
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

/** A client with its own address, browser and cookies. */
export interface Client {
  readonly cookies: Map<string, string>
  address: string
  agent: string
  send(path: string, sending?: Sending): Promise<Answer>
  signIn(login: string, password?: string, more?: Readonly<Record<string, string>>): Promise<Answer>
}

export interface Panel {
  readonly port: number
  readonly origin: string
  readonly holdfast: Holdfast
  readonly events: readonly SecurityEvent[]
  readonly told: readonly Told[]
  advance(milliseconds: number): void
  now(): number
  client(address: string, agent?: string): Client
  user(login: string, role?: string): Promise<string>
  /** Bytes on a socket, until it closes. */
  raw(bytes: string): Promise<string>
  /** Stops it; its data stay until it is disposed of. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** `data`: a folder that is there already. */
export async function startPanel(options: Partial<HoldfastOptions> = {}, given?: { readonly data: string }): Promise<Panel> {
  const data = given?.data ?? mkdtempSync(join(tmpdir(), 'holdfast-panel-'))
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const events: SecurityEvent[] = []
  const told: Told[] = []
  let time = Date.now()
  const starts: number[] = []
  const illustrated = illustratedNote(join(data, 'pictures'))
  const database = await openDatabase(join(data, 'holdfast.sqlite'))
  const holdfast = await createHoldfast({
    origin,
    public: openPaths,
    routes: rules(illustrated),
    roles: { admin: ['*'], member: ['notes:read', 'notes:write'] },
    apiKeys: { accept: ['/api/'] },
    impersonation: {},
    ...watched,
    migrations,
    mode: 'test',
    data,
    database,
    keys: new Secret(generateKey()),
    log: (event) => void events.push(event),
    now: () => time,
    client: { trustedProxies: ['loopback'] },
    passwords: { hashing: { insecureParameters: { memory: 64, passes: 1, parallelism: 1 } } },
    mail: { from: 'Test <noreply@app.example>', transport: capturingTransport() },
    signIn: {
      passkey: true,
      remember: {},
      trustedDevice: {},
      signUp: 'invitation',
      magicLink: true,
      recovery: { lostFactor: true },
    },
    ...options,
  })
  holdfast.detections.on((detected) => {
    const at = performance.now()
    told.push({ detected, after: sinceDeciding(starts, at), at })
  })
  const app = buildApp(holdfast, createData(holdfast), illustrated)
  await app.listen({ port, host: '127.0.0.1' })

  function client(address: string, agent = FIREFOX): Client {
    const cookies = new Map<string, string>()
    const self: Client = {
      cookies,
      address,
      agent,
      signIn: (login, password = PASSWORD, more = {}) => self.send('/login', { form: { login, password, ...more } }),
      async send(path, { method, headers = {}, form, json } = {}) {
        const body = form ? new URLSearchParams(form).toString() : json === undefined ? '' : JSON.stringify(json)
        const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
        const usual =
          body === '' && !form ? {} : { 'content-type': type, 'content-length': String(Buffer.byteLength(body)), origin }
        const own = { 'user-agent': self.agent, 'x-forwarded-for': self.address, accept: 'text/html,*/*' }
        const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
        starts.push(performance.now())
        const answer = await request(port, path, method ?? (body === '' && !form ? 'GET' : 'POST'), {
          headers: { ...own, ...usual, ...(cookie && { cookie }), host: `localhost:${port}`, ...headers },
          body,
        })
        keep(cookies, answer.headers['set-cookie'] ?? [])
        return answer
      },
    }
    return self
  }

  let stopped: Promise<void> | undefined
  const stop = () =>
    (stopped ??= app
      .close()
      .then(() => holdfast.stop())
      .then(() => database.close()))
  return {
    port,
    origin,
    holdfast,
    events,
    told,
    client,
    stop,
    advance: (milliseconds) => void (time += milliseconds),
    now: () => time,
    async user(login, role = 'member') {
      const made = await holdfast.accounts.users.create(
        { login, roles: [role], password: new Secret(PASSWORD) },
        { kind: 'system', id: 'test' },
      )
      if (!made.ok) throw new Error(`no user: ${made.reason}`)
      return made.user.id
    },
    raw: (bytes) => exchange(port, bytes, () => starts.push(performance.now())),
    async [Symbol.asyncDispose]() {
      await stop()
      if (given === undefined) rmSync(data, { recursive: true, force: true })
    },
  }
}

/** Signals gather for twenty milliseconds: what decided began before that, or is the only one. */
function sinceDeciding(starts: readonly number[], now: number): number {
  return now - (starts.findLast((start) => now - start >= 20) ?? starts[0] ?? now)
}

function keep(cookies: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    const [pair = ''] = line.split(';')
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    if (value === '' || /max-age=0/i.test(line)) cookies.delete(name)
    else cookies.set(name, value)
  }
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })

function request(
  port: number,
  path: string,
  method: string,
  { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = http.request({ host: '127.0.0.1', port, path, method, headers, agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

function exchange(port: number, bytes: string, began: () => unknown): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    let text = ''
    socket.setTimeout(2000, () => socket.destroy())
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
    began()
    socket.write(bytes)
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
