/** A Holdfast on a fresh database with a clock that stands, people who are signed in, and signals as detections give them. For tests. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKey } from '../crypto/keyring.ts'
import type { SecurityEvent } from '../engine/events.ts'
import { createHoldfast, Secret, type Holdfast, type HoldfastOptions } from '../index.ts'
import type { Database } from '../store/database.ts'
import type { Detected } from './detected.ts'
import type { ResponseRequest } from './responses/responder-types.ts'

export type Open = () => Promise<Database>

export const ROOT = { kind: 'system', id: 'root' } as const
export const OTHER = { kind: 'system', id: 'other' } as const
export const WHY = 'A test says so.'
export const MINUTE = 60_000
export const PASSWORD = 'crimson kettle orbit lagoon'

export interface Fixture {
  readonly holdfast: Holdfast
  readonly events: SecurityEvent[]
  readonly faults: unknown[]
  readonly clock: { now: number }
  readonly folder: string
  /** Types of the events of responses and incidents since the last call. */
  takeEvents(): string[]
  /** A user who is signed in with one session. */
  person(
    login: string,
    role?: 'admin' | 'member',
  ): Promise<{ readonly id: string; readonly session: string; readonly token: string }>
  /** A request for a response with all that must be there. */
  ask(response: string, more?: Partial<ResponseRequest>): ResponseRequest
  /** A signal is taken, and written. */
  signal(more?: Partial<Detected>): Promise<void>
  /** The same application in another process. */
  twin(options?: Partial<HoldfastOptions>): Promise<Holdfast>
  /** What was not meant to be said. */
  close(): Promise<void>
}

const HASHING = { insecureParameters: { memory: 8, passes: 1, parallelism: 1 } } as const

export async function fixture(open: Open, options: Partial<HoldfastOptions> = {}): Promise<Fixture> {
  const database = await open()
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-observe-'))
  const clock = { now: Date.UTC(2026, 0, 1) }
  const events: SecurityEvent[] = []
  const faults: unknown[] = []
  const keys = generateKey()
  const twins: Holdfast[] = []
  let signals = 0
  let taken = 0
  const start = (own: Partial<HoldfastOptions>, log: HoldfastOptions['log']) =>
    createHoldfast({
      ...{ origin: 'http://localhost:3000', mode: 'test', data: folder, database, keys: new Secret(keys) },
      ...{ now: () => clock.now, onFault: (error) => void faults.push(error), passwords: { hashing: HASHING } },
      ...options,
      ...own,
      ...(log && { log }),
    })
  const holdfast = await start({}, (event) => void events.push(event))

  return {
    ...{ holdfast, events, faults, clock, folder },
    takeEvents() {
      const fresh = events.slice(taken)
      taken = events.length
      return fresh.map(({ type }) => type).filter((type) => /^(incident|response|containment|request)_/.test(type))
    },
    async person(login, role = 'member') {
      const created = await holdfast.accounts.users.create({ login, roles: [role], password: new Secret(PASSWORD) }, ROOT)
      if (!created.ok) throw new Error(created.reason)
      const from = { address: '198.51.100.7', network: '198.51.100.7', userAgent: 'test' }
      const signedIn = await holdfast.accounts.doors.password.signIn({ login, password: new Secret(PASSWORD) }, from)
      if (!signedIn.ok) throw new Error(signedIn.reason)
      return { id: created.user.id, session: signedIn.session.id, token: signedIn.token.reveal() }
    },
    ask: (response, more = {}) => ({ response, reason: WHY, by: ROOT, ...more }),
    async signal(more = {}) {
      holdfast.incidents.take({
        ...{ id: `signal-${++signals}`, detection: 'credential-stuffing', severity: 'high', time: clock.now, dryRun: false },
        ...{ actors: [{ kind: 'client', value: '203.0.113.9' }], targets: [], targetCount: 0, why: '12 failures' },
        ...{ automatic: [], offered: [] },
        ...more,
      })
      await holdfast.incidents.settled()
    },
    async twin(own = {}) {
      const other = await start(own, (event) => void events.push(event))
      twins.push(other)
      return other
    },
    async close() {
      for (const one of [...twins, holdfast]) await one.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
