/** Starts an application with its Holdfast in memory: no file, no mail server, no wait, and nothing left behind. */
import type { RequestListener } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from '../adapters/server.ts'
import { generateKey } from '../crypto/keyring.ts'
import { Secret } from '../crypto/secret.ts'
import type { SecurityEvent } from '../engine/events.ts'
import { createHoldfast, type Holdfast, type HoldfastOptions, type User } from '../index.ts'
import type { MailMessage } from '../mail/message.ts'
import type { Database } from '../store/database.ts'
import { sqlite } from '../store/sqlite.ts'
import { fakeClock, type FakeClock } from './clock.ts'
import { createClient, type Answer, type Client } from './client.ts'
import { counted } from './counted.ts'
import type { Parity } from './parity.ts'

/** Options of the application under test; what a test must have is set already. */
export type TestingOptions = Partial<Omit<HoldfastOptions, 'origin' | 'now' | 'log' | 'database' | 'data' | 'keys' | 'mode'>> & {
  /** An open database to run on; it is closed at the end. @default one in memory */
  readonly database?: Database
}

/** Somebody who is signed in. */
export interface SignedIn extends Client {
  readonly user: User
  /** To prove it again. */
  readonly password: string
}

export interface Testing {
  readonly holdfast: Holdfast
  /** `http://localhost:…` */
  readonly origin: string
  readonly clock: FakeClock
  /** Everything that happened, the oldest first. */
  readonly events: SecurityEvent[]
  /** What went to `onFault`: a test that expects none looks here. */
  readonly faults: unknown[]
  /** The letters that were sent since the last call, the oldest first: what waits is sent before. */
  mails(): Promise<MailMessage[]>
  /** Somebody who is not signed in. */
  visitor(): Client
  /** A new user with these roles, signed in through the gate. */
  signedIn(...roles: string[]): Promise<SignedIn>
  /** What an exchange answers, and the work behind it: for `expectParity`. */
  measure(work: () => Promise<Answer>): Promise<Parity>
  [Symbol.asyncDispose](): Promise<void>
}

/** What is tested is who gets in, not what a guess costs. */
const FAST_HASHING = { memory: 64, passes: 1, parallelism: 1 }
const FROM = 'noreply@app.example'
const PASSWORD = 'crimson kettle orbit lagoon'

/**
 * Starts it. `serve` gets the Holdfast and returns what an adapter returns.
 *
 * @example
 * await using app = await startTesting((holdfast) => express(holdfast, application), { public: ['/'] })
 * const ada = await app.signedIn('admin')
 * assert.equal((await ada.get('/admin')).status, 200)
 */
export async function startTesting(
  serve: (holdfast: Holdfast) => RequestListener | Promise<RequestListener>,
  options: TestingOptions = {},
): Promise<Testing> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-testing-'))
  const counts = { query: 0, transaction: 0, hash: 0, letter: 0 }
  const database = counted(options.database ?? sqlite(':memory:'), counts)
  const clock = fakeClock()
  const events: SecurityEvent[] = []
  const faults: unknown[] = []
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const sent: MailMessage[] = []
  const hashing = { insecureParameters: FAST_HASHING, onWork: () => void counts.hash++ }
  const holdfast = await createHoldfast({
    onFault: (error) => void faults.push(error),
    mail: { from: FROM, transport: { name: 'testing', send: async (message) => void sent.push(message) }, background: false },
    ...options,
    passwords: { ...options.passwords, hashing: { ...options.passwords?.hashing, ...hashing } },
    origin,
    mode: 'test',
    data: folder,
    database,
    keys: new Secret(generateKey()),
    log: (event) => void events.push(event),
    now: clock.now,
  })
  const server = createServer(holdfast, await serve(holdfast))
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve))
  let users = 0

  async function signedIn(...roles: string[]): Promise<SignedIn> {
    const login = `${roles[0] ?? 'user'}-${++users}`
    const created = await holdfast.accounts.users.create(
      { login, roles, password: new Secret(PASSWORD) },
      { kind: 'system', id: 'testing' },
    )
    if (!created.ok) throw new Error(`No user with the roles ${roles.join(', ')}: ${created.reason}.`)
    const client = createClient(origin)
    const answer = await client.post('/login', { form: { login, password: PASSWORD } })
    if (answer.status !== 303) throw new Error(`The sign-in answered ${answer.status}.`)
    return { ...client, user: created.user, password: PASSWORD }
  }

  /** What answers before left to be written and looked at is done before anything is counted. */
  async function settled(): Promise<void> {
    await holdfast.detections.settled()
    await holdfast.incidents.settled()
    await holdfast.audit?.flush()
  }

  return {
    holdfast,
    origin,
    clock,
    events,
    faults,
    async mails() {
      await holdfast.mail?.flush()
      return sent.splice(0)
    },
    visitor: () => createClient(origin),
    signedIn,
    async measure(work) {
      await settled()
      const before = { ...counts }
      const answer = await work()
      const { query, transaction, hash, letter } = counts
      return {
        answer,
        counts: {
          query: query - before.query,
          transaction: transaction - before.transaction,
          hash: hash - before.hash,
          letter: letter - before.letter,
        },
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
      await holdfast.stop()
      await database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A port that was free a moment ago: the origin must be known before the server listens. */
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
