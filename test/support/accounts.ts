/** Real accounts on an embedded database, with hashing that costs nothing, for tests of what stands above them. */
import { Accounts, accountsMigrations, createAccounts, type AccountsSetting, type User } from '../../src/accounts/index.ts'
import type { Posted } from '../../src/accounts/letters/index.ts'
import { generateKey, parseKeyring } from '../../src/crypto/keyring.ts'
import { createHasher } from '../../src/crypto/password/hasher.ts'
import { randomToken } from '../../src/crypto/random.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { createBus } from '../../src/engine/bus.ts'
import type { SecurityEvent } from '../../src/engine/events.ts'
import type { Slot } from '../../src/engine/exchange.ts'
import type { Database } from '../../src/store/database.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { migrate } from '../../src/store/migrate.ts'
import { sqlite } from '../../src/store/sqlite.ts'

/** Long enough for the policy. */
export const PASSWORD = 'a walrus sings at four'

export interface TestAccounts {
  readonly accounts: Accounts
  /** What a control's setting takes from here: services, keys, clock. */
  readonly surroundings: {
    readonly use: <T>(service: Slot<T>) => T
    readonly keys: ReturnType<typeof parseKeyring>
    readonly now: () => number
  }
  readonly clock: { now: number }
  readonly database: Database
  /** What accounts said. */
  readonly events: SecurityEvent[]
  /** The letters that were put down since the last call. */
  takeLetters(): Posted[]
  /** A user with `PASSWORD`. */
  addUser(login: string, roles?: readonly string[]): Promise<User>
  close(): Promise<void>
}

/** `setting`: what is not as usual. `letters` puts letters down, and makes links of every purpose. */
export async function testAccounts({
  letters,
  ...setting
}: Partial<AccountsSetting> & { letters?: true } = {}): Promise<TestAccounts> {
  const clock = { now: Date.UTC(2026, 0, 1) }
  const now = () => clock.now
  const events: SecurityEvent[] = []
  const bus = createBus(now, (error) => {
    throw error
  })
  bus.on((event) => events.push(event))
  const database = sqlite()
  await migrate(database, accountsMigrations)
  const keys = parseKeyring(generateKey())
  const written: Posted[] = []
  const outbox = {
    async add(_: unknown, __: string, body: string) {
      written.push(JSON.parse(body) as Posted)
    },
    feign: () => Promise.resolve(),
    open: () => undefined,
  }
  const paths = new Proxy({}, { get: (_, purpose) => `/link/${String(purpose)}` })
  const mail = { outbox, linkTargets: { origin: 'https://app.example', paths } }
  const accounts = createAccounts({
    database,
    once: memoryStore(),
    keys,
    hasher: createHasher({ insecureParameters: { memory: 64, passes: 1, parallelism: 1 } }),
    emit: bus.emitter('accounts'),
    now,
    random: randomToken,
    sessions: { idle: 1_800_000, absolute: 43_200_000 },
    siteName: 'app.example',
    ...(letters && mail),
    ...setting,
  })

  return {
    accounts,
    surroundings: {
      keys,
      now,
      use: <T>(service: Slot<T>) => {
        if ((service as Slot<unknown>) === Accounts) return accounts as T
        throw new Error(`This test gave no service "${service.name}".`)
      },
    },
    clock,
    database,
    events,
    takeLetters: () => written.splice(0),
    async addUser(login, roles = ['member']) {
      const created = await accounts.users.create(
        { login, roles, password: new Secret(PASSWORD) },
        { kind: 'system', id: 'test' },
      )
      if (!created.ok) throw new Error(`no test user: ${created.reason}`)
      return created.user
    },
    close: () => database.close(),
  }
}
