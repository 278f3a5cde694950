/** The application that a drill attacks: in memory, on loopback alone, with a clock that can be moved, and gone afterwards. */
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createNetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { node } from '../../adapters/node.ts'
import { createServer } from '../../adapters/server.ts'
import { generateKey } from '../../crypto/keyring.ts'
import { Secret } from '../../crypto/secret.ts'
import type { Principal } from '../../engine/facts.ts'
import { createHoldfast, type Holdfast, type HoldfastOptions } from '../../index.ts'
import type { MailMessage } from '../../mail/message.ts'
import { createClient, type Answer, type Client, type Sending } from '../../testing/client.ts'
import { Refusal } from '../command.ts'

export interface DrillApp {
  readonly holdfast: Holdfast
  readonly origin: string
  /** Somebody who asks from this address. */
  from(address: string): Client
  /** A user with a password and, if it is given, a verified address of mail. */
  user(login: string, address?: string, role?: 'admin' | 'member'): Promise<{ readonly id: string; readonly password: string }>
  /** Signs in by the form. */
  signIn(client: Client, login: string, password: string): Promise<Answer>
  /** Moves the clock of the application. */
  later(milliseconds: number): void
  now(): number
  mails(): Promise<readonly MailMessage[]>
  /** What was written into the log; `fails`: nothing can be, as when its disk is full or somebody closed it. */
  readonly log: { lines: number; fails: boolean }
  close(): Promise<void>
}

/** What a drill trains is who notices and what helps, not what a guess costs. */
const FAST_HASHING = { insecureParameters: { memory: 64, passes: 1, parallelism: 1 } } as const
/** A page of customers. */
const ROWS = 200
const PASSWORD = 'crimson kettle orbit lagoon'
const BY = { kind: 'system', id: 'drill' } as const

export async function startDrillApp(options: Partial<HoldfastOptions>): Promise<DrillApp> {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-drill-'))
  const origin = `http://localhost:${await freePort()}`
  refuseElsewhere(origin)
  let moved = 0
  const now = () => Date.now() + moved
  const sent: MailMessage[] = []
  const log = { lines: 0, fails: false }
  const holdfast = await createHoldfast({
    origin,
    mode: 'test',
    data,
    database: ':memory:',
    keys: new Secret(generateKey()),
    log: loggerOf(log),
    now,
    public: ['/'],
    passwords: { hashing: FAST_HASHING },
    mail: {
      from: 'Drill <noreply@app.example>',
      transport: { name: 'drill', send: async (message) => void sent.push(message) },
      background: false,
    },
    // So that each of those who take part has an address of their own.
    client: { trustedProxies: ['loopback'] },
    ...options,
  })
  const server = createServer(
    holdfast,
    node(holdfast, (request, response) => serve(holdfast, request, response)),
  )
  await new Promise<void>((resolve) => void server.listen(Number(new URL(origin).port), '127.0.0.1', resolve))

  return {
    holdfast,
    origin,
    from: (address) => asking(createClient(origin), address),
    log,
    async user(login, address, role = 'member') {
      const mailbox = address === undefined ? {} : { address, addressVerified: true }
      const created = await holdfast.accounts.users.create(
        { login, roles: [role], password: new Secret(PASSWORD), ...mailbox },
        BY,
      )
      if (!created.ok) throw new Error(`The drill has no user ${login}: ${created.reason}.`)
      return { id: created.user.id, password: PASSWORD }
    },
    signIn: (client, login, password) => client.post('/login', { form: { login, password } }),
    later: (milliseconds) => void (moved += milliseconds),
    now,
    async mails() {
      await holdfast.accounts.notices.sweep(now())
      await holdfast.mail?.flush()
      return sent.splice(0)
    },
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
      await holdfast.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** A drill attacks nothing but this machine. */
export function refuseElsewhere(origin: string): void {
  const { hostname } = new URL(origin)
  if (hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)) return
  throw new Refusal(2, `A drill attacks this machine alone, and ${hostname} is another one.`)
}

/** What is drilled: `/customers` gives out rows, `POST /roles/ID/ROLE` gives a role, and there is nothing below `/admin/`: who looks there guesses. */
async function serve(holdfast: Holdfast, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const of = holdfast.of(request)
  const [, place, id = '', role = ''] = (request.url ?? '').split('/')
  if (place === 'customers') of.read({ what: 'customers', rows: ROWS })
  if (place === 'roles') response.statusCode = await giveRole(holdfast, of.principal, id, role)
  if (place === 'admin') response.statusCode = 404
  response.end(place === '' ? 'home' : 'private')
}

async function giveRole({ accounts }: Holdfast, principal: Principal | null, id: string, role: string): Promise<number> {
  if (!principal?.roles.includes('admin')) return 403
  return (await accounts.users.setRoles(id, [role], { kind: 'user', id: principal.id })).ok ? 200 : 409
}

function loggerOf(log: DrillApp['log']) {
  const write = (): void => {
    if (log.fails) throw new Error('The disk is full.')
    log.lines++
  }
  return { info: write, warn: write, error: write }
}

/** The same client behind a proxy that says where it is. */
function asking(client: Client, address: string): Client {
  const send: Client['send'] = (method, path, sending: Sending = {}) =>
    client.send(method, path, {
      ...sending,
      headers: { 'x-forwarded-for': address, 'x-forwarded-proto': 'http', ...sending.headers },
    })
  return {
    cookies: client.cookies,
    send,
    get: (path, sending) => send('GET', path, sending),
    post: (path, sending) => send('POST', path, sending),
  }
}

/** A port that was free a moment ago: the origin must be known before the server listens. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createNetServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
