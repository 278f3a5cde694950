/** Accounts on a fresh database with a clock that stands, a cheap hasher, and everything that happens written down. For tests. */
import { generateKey, parseKeyring, type KeyRing } from '../crypto/keyring.ts'
import { createHasher, HasherBusy, type Hasher, type HasherOptions } from '../crypto/password/hasher.ts'
import { randomToken } from '../crypto/random.ts'
import { Secret } from '../crypto/secret.ts'
import type { Report } from '../engine/events.ts'
import type { Database } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { atomicMigrations, sqlStore } from '../store/sql-atomic.ts'
import { readAddress, setAddress } from './addresses/addresses.ts'
import type { LetterName, Posted } from './letters/index.ts'
import { createOutbox, OUTBOX_PURPOSE, outboxMigrations } from '../store/outbox.ts'
import { counted } from '../testing/counted.ts'
import { createAccounts, type AccountsSetting } from './accounts.ts'
import { accountsMigrations } from './migrations.ts'
import type { Accounts, NewSession, Origin, SignIn, User } from './types.ts'

/** `owner`: the same tables as their owner sees them, where accounts have fewer rights: for what only tests look at. */
export type Open = () => Promise<Database & { readonly owner?: Database }>

/** How often each kind of work was done since the last `reset`. */
export interface Work {
  readonly counts: Record<'query' | 'transaction' | 'hash', number>
  reset(): void
}

export interface Fixture {
  readonly accounts: Accounts
  readonly database: Database
  readonly clock: { now: number }
  readonly events: Report[]
  readonly keys: KeyRing
  readonly work: Work
  /** Types of the events since the last call. */
  takeEvents(): string[]
  user(login: string, roles?: readonly string[]): Promise<User>
  signIn(login: string, options?: { password?: string; from?: Origin; replaces?: string }): Promise<SignIn>
  /** Gives a user an address of mail, verified unless said otherwise. */
  address(userId: string, address: string, verified?: boolean): Promise<void>
  /** The letters that were put down since the last call, the oldest first. */
  letters(): Promise<Posted[]>
  /** The token at the end of the link of the last letter of that name. */
  tokenOf(letters: readonly Posted[], letter: LetterName): string
  /** Signs in, or fails the test. */
  session(login: string, from?: Origin): Promise<NewSession>
  /** The same accounts in another process: same database, same clock, nothing shared in memory. */
  twin(options?: Partial<AccountsSetting>): Accounts
}

/** Where the letters' links lead. */
const LINK_PATHS = new Proxy({}, { get: (_, purpose) => `/link/${String(purpose)}` })

export const PASSWORD = 'crimson kettle orbit lagoon'
export const OTHER_PASSWORD = 'velvet anchor prairie sundial'
export const CLI = { kind: 'system', id: 'cli' } as const

export const CHEAP: HasherOptions = { insecureParameters: { memory: 8, passes: 1, parallelism: 1 }, queue: 1000 }

export function from(network = '192.0.2.7', more: Partial<Origin> = {}): Origin {
  return { address: network, network, userAgent: 'test/1.0', ...more }
}

export async function fixture(open: Open, setting: Partial<AccountsSetting> = {}, hashing: HasherOptions = {}): Promise<Fixture> {
  const counts = { query: 0, transaction: 0, hash: 0 }
  const opened = await open()
  const owner = opened.owner ?? opened
  await migrate(owner, [...atomicMigrations, ...outboxMigrations, ...accountsMigrations])
  const database = counted(opened, counts)
  const clock = { now: Date.parse('2026-06-01T12:00:00Z') }
  const events: Report[] = []
  const keys = parseKeyring(generateKey())
  const outbox = createOutbox({ database, keys, random: randomToken, now: () => clock.now })

  function twin(options: Partial<AccountsSetting> = {}): Accounts {
    return createAccounts({
      database,
      once: sqlStore(database),
      keys,
      hasher: createHasher({ ...CHEAP, onWork: () => void counts.hash++, ...hashing }),
      emit: (report) => void events.push(report),
      now: () => clock.now,
      random: randomToken,
      sessions: { idle: 30 * 60_000, absolute: 12 * 3_600_000 },
      siteName: 'app.example',
      outbox,
      linkTargets: { origin: 'https://app.example', paths: LINK_PATHS },
      ...setting,
      ...options,
    })
  }

  const accounts = twin()

  async function signIn(
    login: string,
    { password = PASSWORD, from: origin = from(), replaces }: Parameters<Fixture['signIn']>[1] = {},
  ) {
    return await accounts.doors.password.signIn({ login, password: new Secret(password), replaces }, origin)
  }

  return {
    accounts,
    database: opened.owner ?? database,
    clock,
    events,
    keys,
    twin,
    signIn,
    work: { counts, reset: () => void Object.assign(counts, { query: 0, transaction: 0, hash: 0 }) },
    takeEvents: () => events.splice(0).map(({ type }) => type),
    async user(login, roles = ['member']) {
      const created = await accounts.users.create({ login, roles, password: new Secret(PASSWORD) }, CLI)
      if (!created.ok) throw new Error(`no user: ${created.reason}`)
      return created.user
    },
    async address(userId, text, verified = true) {
      await database.transaction((tx) => setAddress(tx, userId, readAddress(text)!, verified ? clock.now : undefined))
    },
    async letters() {
      const rows = await database.kysely.deleteFrom('hf_outbox').returningAll().execute()
      return rows
        .toSorted((one, other) => one.created_at - other.created_at)
        .map(({ id, channel, body }): Posted => {
          const opened = keys.open(OUTBOX_PURPOSE, body, [channel, id])
          if (!opened.ok) throw new Error(`a letter that cannot be opened: ${opened.reason}`)
          return JSON.parse(opened.plaintext.toString()) as Posted
        })
    },
    tokenOf(letters, letter) {
      const link = letters.findLast((posted) => posted.letter === letter)?.data['link']
      if (link === undefined) throw new Error(`no letter ${letter} with a link`)
      return new URL(link).searchParams.get('token') ?? ''
    },
    async session(login, origin = from()) {
      const result = await signIn(login, { from: origin })
      if (!result.ok) throw new Error(`no session: ${result.reason}`)
      return result
    },
  }
}

/** How many administrators may sign in. */
export async function administratorsOf({ accounts }: Fixture): Promise<number> {
  const users = await accounts.users.list()
  return users.filter(({ roles, status }) => status === 'active' && roles.includes('admin')).length
}

/** A hasher that has too much to do. */
export const fullHasher: Hasher = {
  hash: () => Promise.reject(new HasherBusy(3)),
  verify: () => Promise.reject(new HasherBusy(3)),
  verifyNothing: () => Promise.reject(new HasherBusy(3)),
  inspect: () => Promise.reject(new HasherBusy(3)),
  wrap: () => Promise.reject(new HasherBusy(3)),
  resemble: () => Promise.resolve(),
  load: () => ({ running: 1, waiting: 64 }),
}
