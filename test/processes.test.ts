/** Several processes of one application: what one changes about a user, the others act by. Against real servers, with a real process. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { generateKey } from '../src/crypto/keyring.ts'
import { createHoldfast, Secret, type Holdfast, type HoldfastOptions } from '../src/index.ts'
import { PASSWORD } from './support/app.ts'
import { freshPostgres, freshRedis, postgresUrl, redisUrl } from './support/services.ts'

const [postgresServer, redisServer] = [await postgresUrl(), await redisUrl()]
const skip = ('skip' in postgresServer && postgresServer.skip) || ('skip' in redisServer && redisServer.skip)
const CHEAP = { hashing: { insecureParameters: { memory: 64, passes: 1, parallelism: 1 } } }
const FROM = { address: '192.0.2.7', network: '192.0.2.7', userAgent: 'test' }
const CLI = { kind: 'system', id: 'test' } as const

const folders: string[] = []
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

interface Pair {
  readonly one: Holdfast
  readonly other: Holdfast
  readonly time: number
  /** Does it in a process of its own, and waits for its end. */
  elsewhere(what: 'disable' | 'lower' | 'end', userId: string): Promise<void>
  close(): Promise<void>
}

async function pair(database: string, redis: string): Promise<Pair> {
  const keys = generateKey()
  // The clock stands: nothing that is remembered runs out, so it is dropped because it was told, or not at all.
  const time = Date.now()
  const data = mkdtempSync(join(tmpdir(), 'holdfast-processes-'))
  folders.push(data)
  const options: HoldfastOptions = {
    ...{ origin: 'http://localhost:3000', mode: 'test', log: 'silent', processes: 2, passwords: CHEAP },
    ...{ data, database, keys: new Secret(keys), now: () => time, ...(redis !== '' && { redis }) },
  }
  const [one, other] = [await createHoldfast(options), await createHoldfast(options)]
  return {
    one,
    other,
    time,
    async elsewhere(what, userId) {
      const flags = ['--conditions=holdfast-source', '--disable-warning=ExperimentalWarning']
      const file = join(import.meta.dirname, 'support/other-process.ts')
      const child = spawn(process.execPath, [...flags, file, data, database, redis, keys, userId, what], { stdio: 'inherit' })
      const [code] = (await once(child, 'exit')) as [number | null]
      assert.equal(code, 0)
    },
    close: async () => void (await Promise.all([one.stop(), other.stop()])),
  }
}

async function signedIn({ one }: Pair, login: string) {
  const created = await one.accounts.users.create({ login, roles: ['admin'], password: new Secret(PASSWORD) }, CLI)
  assert.ok(created.ok)
  const result = await one.accounts.doors.password.signIn({ login, password: new Secret(PASSWORD) }, FROM)
  assert.ok(result.ok)
  return { userId: created.user.id, token: result.token.reveal() }
}

/** What a request with this token would find now. */
const found = async ({ accounts }: Holdfast, token: string, time: number) => await accounts.sessions.find(token, time)
const mayEverything = async (at: Holdfast, token: string, time: number) => {
  const live = await found(at, token, time)
  return live.ok && live.principal.permissions.has('*')
}

/** Asks as clients do, again and again, so that what is remembered is used; the database bounds it, and then this. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (await holds()) return
    await pause(10)
  }
  assert.fail(`${what} was not seen.`)
}

const stores: readonly [string, () => Promise<{ database: string; redis: string; close(): Promise<void> }>][] = [
  [
    'PostgreSQL',
    async () => {
      const { url, close } = await freshPostgres()
      return { database: url, redis: '', close }
    },
  ],
  [
    'one SQLite file and Redis',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'holdfast-processes-'))
      folders.push(folder)
      return { database: join(folder, 'shared.sqlite'), redis: (await freshRedis()).url, close: async () => {} }
    },
  ],
]

for (const [name, open] of stores) {
  describe(`several processes on ${name}`, { skip }, () => {
    for (const [what, says, isSeen] of [
      ['disable', 'a disabled user', async (at: Holdfast, token: string, time: number) => !(await found(at, token, time)).ok],
      ['end', 'an ended session', async (at: Holdfast, token: string, time: number) => !(await found(at, token, time)).ok],
      ['lower', 'a lowered role', async (at: Holdfast, token: string, time: number) => !(await mayEverything(at, token, time))],
    ] as const) {
      it(`act by ${says} of another process`, async () => {
        const place = await open()
        const both = await pair(place.database, place.redis)
        await signedIn(both, 'root') // so that somebody is left to administer
        const { userId, token } = await signedIn(both, 'ada')
        for (const at of [both.one, both.other]) assert.ok(await mayEverything(at, token, both.time))
        await both.elsewhere(what, userId)
        for (const at of [both.one, both.other]) await until(says, () => isSeen(at, token, both.time))
        await both.close()
        await place.close()
      })
    }
  })
}
