/**
 * Every key is replaced while people go on: 200 sessions, 50 requests a second that come whether they are answered or not, two processes
 * restarted one after the other, on SQLite and, where `HOLDFAST_TEST_POSTGRES` names one, on PostgreSQL. Replaced are the ring (cookies,
 * form tokens, refresh tokens, sealed rows, the blind index), the pepper, the key of access tokens, and the certificate of the servers.
 * What is lost is counted: it must be nothing, and something without the time in which both keys are known.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { generateKey, keyTime, parseKeyring } from '../src/crypto/keyring.ts'
import { sealedColumns } from '../src/database/sealed-columns.ts'
import { fieldColumn, reencrypt, sealedBy } from '../src/secrets/reencrypt.ts'
import { openDatabase } from '../src/store/database-url.ts'
import { createAuthority } from '../src/tls/authority.ts'
import { freshPostgres, postgresUrl } from '../test/support/services.ts'
import { quantile } from './load.ts'
import { freePort } from './process.ts'
import { get, ORIGIN, startProcess, trust, type Running } from './rotation-process.ts'

const [SESSIONS, USERS, RATE] = [200, 20, 50]
const COLUMNS = [...sealedColumns, fieldColumn('diary.text')]

export async function rotation(): Promise<void> {
  console.log(
    `\nrotation: every key replaced with ${SESSIONS} sessions at ${RATE} requests a second, two processes restarted in turn`,
  )
  await measured('SQLite', async (data) => ({ url: join(data, 'shared.sqlite'), close: async () => {} }))
  if ('url' in (await postgresUrl())) await measured('PostgreSQL', freshPostgres)
}

type Open = (data: string) => Promise<{ readonly url: string; close(): Promise<unknown> }>

async function measured(name: string, open: Open): Promise<void> {
  const overlapping = await run(true, open)
  console.log(`  ${name}: ${said(overlapping)}`)
  const abrupt = await run(false, open)
  console.log(`  ${name} without a time in which both keys are known, as it must not be done: ${said(abrupt)}`)
  if (overlapping.lost.length > 0) throw new Error(`Something was lost: ${overlapping.lost.slice(0, 5).join('; ')}`)
  if (abrupt.lost.length === 0) throw new Error('Nothing was lost without an overlap either: the measurement sees nothing.')
}

interface Result {
  readonly requests: number
  readonly lost: readonly string[]
  readonly times: Float64Array
}

function said({ requests, lost, times }: Result): string {
  const kinds = Object.entries(Object.groupBy(lost, (one) => one.replace(/:? person-\d+$/, ''))).map(
    ([kind, list]) => `${list!.length} × ${kind}`,
  )
  const at = (q: number) => quantile(times, q).toFixed(1)
  return `${requests} requests, lost: ${lost.length}${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}; from when each was due, milliseconds: median ${at(0.5)}, 99 of 100 ${at(0.99)}, longest ${at(1)}`
}

async function run(overlap: boolean, open: Open): Promise<Result> {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const { url, close } = await open(data)
  const authority = await createAuthority(['localhost', '127.0.0.1'], Date.now())
  const exchange = async (): Promise<void> => writePair(data, await authority.issue(['localhost']))
  trust(authority.ca)
  const [old, next, pepper, nextPepper] = [
    generateKey('old'),
    generateKey('next'),
    generateKey('pepper-1'),
    generateKey('pepper-2'),
  ]
  const pool: Running[] = []
  const start = async (keys: string, peppers: string) =>
    startProcess({ port: await freePort(), url, data, keys, pepper: peppers })
  /** One after the other: the new one serves before the old one stops. */
  const restart = async (keys: string, peppers: string): Promise<void> => {
    for (let index = 0; index < 2; index++) {
      const fresh = await start(keys, peppers)
      const before = pool[index]
      pool[index] = fresh
      await before?.stop()
    }
  }
  try {
    await exchange()
    await restart(old, pepper)
    const people = await populate(pool[0]!)
    const load = startLoad(pool, people)
    await wait(2000)
    if (overlap) {
      const from = Math.ceil((Date.now() + 6000) / 1000) * 1000
      const at = (key: string) => key.replace(':', `@${keyTime(from)}:`)
      const both = [`${old},${at(next)}`, `${pepper},${at(nextPepper)}`] as const
      await restart(...both)
      await wait(Math.max(0, from - Date.now()) + 1000)
      load.lost.push(...(await exchanged(pool, exchange)), ...(await forms(pool[1]!, people)))
      await pool[0]!.ask({ what: 'markAnew' })
      const database = await openDatabase(url)
      const sealed = await reencrypt({ database, keys: parseKeyring(both[0]), columns: COLUMNS, batch: 5 })
      const older = (await sealedBy(database, COLUMNS)).filter(({ keyId }) => keyId !== 'next')
      await database.close()
      if (sealed.left > 0 || sealed.unreadable.length > 0 || older.length > 0) load.lost.push('sealed: left under the old key')
      await pool[0]!.ask({ what: 'rotateSigningKey' })
      // With the new pepper a password is hashed anew when it is used.
      for (const login of people.logins) if (!(await pool[1]!.ask({ what: 'signIn', login }))) load.lost.push('password: before')
    }
    await restart(next, nextPepper)
    await wait(2000)
    await load.stop()
    await everything(pool, people, load.lost)
    return { requests: load.times.length, lost: load.lost, times: Float64Array.from(load.times).toSorted() }
  } finally {
    for (const one of pool) await one.stop()
    await close()
    rmSync(data, { recursive: true, force: true })
  }
}

interface Tokens {
  access: string
  refresh: string
}

interface People {
  readonly logins: readonly string[]
  readonly sessions: readonly { readonly login: string; readonly token: string }[]
  readonly tokens: Map<string, Tokens>
  /** Form tokens from before anything was replaced. */
  readonly forms: ReadonlyMap<string, string>
}

async function populate(process: Running): Promise<People> {
  const logins = Array.from({ length: USERS }, (_, index) => `person-${index}`)
  const sessions = []
  const tokens = new Map<string, Tokens>()
  const forms = new Map<string, string>()
  for (const login of logins) {
    await process.ask({ what: 'user', login })
    for (let index = 0; index < SESSIONS / USERS; index++)
      sessions.push({ login, token: (await process.ask({ what: 'signIn', login })) as string })
    tokens.set(login, (await process.ask({ what: 'begin', session: sessions.at(-1)!.token })) as Tokens)
    const { text } = await get(process.port, { host: 'localhost', cookie: cookieOf(sessions.at(-1)!.token) })
    forms.set(login, (JSON.parse(text) as { form: string }).form)
  }
  if (sessions.some(({ token }) => !token) || [...tokens.values()].some((one) => !one)) throw new Error('Not everybody got in.')
  return { logins, sessions, tokens, forms }
}

/** Requests at their times, in turn to both processes: most with a cookie, some with a token, some new tokens. */
function startLoad(pool: readonly Running[], people: People) {
  const lost: string[] = []
  const times: number[] = []
  const open = new Set<Promise<void>>()
  const began = performance.now()
  let sent = 0

  async function one(index: number, due: number): Promise<void> {
    const process = pool[index % 2]!
    const { login, token } = people.sessions[(index * 7) % SESSIONS]!
    const tokens = people.tokens.get(login)!
    if (index % 25 === 24) {
      const fresh = (await process.ask({ what: 'refresh', token: tokens.refresh })) as Tokens | null
      if (fresh) Object.assign(tokens, fresh)
      else lost.push(`refresh: ${login}`)
    } else {
      const bearer = index % 5 === 4
      const cookie = { cookie: cookieOf(token) }
      const wrong = await look(process, login, bearer ? { authorization: `Bearer ${tokens.access}` } : cookie)
      if (wrong) lost.push(`${bearer ? 'token' : 'session'}: ${wrong}`)
    }
    times.push(performance.now() - due)
  }

  const timer = setInterval(() => {
    for (; began + (sent * 1000) / RATE <= performance.now(); sent++) {
      const work = one(sent, began + (sent * 1000) / RATE).catch((error: Error) => void lost.push(`fault: ${error.message}`))
      open.add(work)
      void work.finally(() => open.delete(work))
    }
  }, 2)
  return {
    lost,
    times,
    async stop(): Promise<void> {
      clearInterval(timer)
      await Promise.all(open)
    },
  }
}

/** Every session, token, sealed text and password once more, at the end. */
async function everything(pool: readonly Running[], people: People, lost: string[]): Promise<void> {
  for (const { login, token } of people.sessions) {
    const wrong = await look(pool[0]!, login, { cookie: cookieOf(token) })
    if (wrong) lost.push(`session at the end: ${wrong}`)
  }
  for (const [login, { refresh }] of people.tokens) {
    const fresh = (await pool[1]!.ask({ what: 'refresh', token: refresh })) as Tokens | null
    if (!fresh || (await look(pool[0]!, login, { authorization: `Bearer ${fresh.access}` })))
      lost.push(`token at the end: ${login}`)
    if (!(await pool[0]!.ask({ what: 'signIn', login }))) lost.push(`password at the end: ${login}`)
  }
}

/** Forms that were opened before, and are sent now. */
async function forms(process: Running, { sessions, forms }: People): Promise<string[]> {
  const lost: string[] = []
  for (const [login, form] of forms) {
    const { token } = sessions.findLast((session) => session.login === login)!
    const headers = { host: 'localhost', origin: ORIGIN, cookie: cookieOf(token), 'x-csrf-token': form }
    const { status } = await get(process.port, headers, 'POST')
    if (status !== 200) lost.push(`form answered with ${status}: ${login}`)
  }
  return lost
}

/** Certificate and key, one after the other, as a program renews them. */
function writePair(data: string, { cert, key }: { readonly cert: string; readonly key: string }): void {
  for (const [name, text] of [
    ['cert.pem', cert],
    ['key.pem', key],
  ] as const) {
    writeFileSync(join(data, `${name}.new`), text, { mode: 0o600 })
    renameSync(join(data, `${name}.new`), join(data, name))
  }
}

/** Another certificate, while connections are open: those go on, and new ones are shown the new one. */
async function exchanged(pool: readonly Running[], exchange: () => Promise<void>): Promise<string[]> {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
  const ask = async ({ port }: Running, own?: https.Agent) =>
    await get(port, { host: 'localhost', connection: own ? 'keep-alive' : 'close' }, 'GET', own)
  const before = await Promise.all(pool.map((process) => ask(process, agent)))
  await exchange()
  const lost: string[] = []
  for (const [index, process] of pool.entries()) {
    let fresh = await ask(process)
    for (let looks = 0; looks < 100 && fresh.certificate === before[index]!.certificate; looks++) {
      await wait(100)
      fresh = await ask(process)
    }
    if (fresh.certificate === before[index]!.certificate) lost.push('certificate: the new one is not served')
    const again = await ask(process, agent)
    if (again.from !== before[index]!.from) lost.push('certificate: a connection was closed')
  }
  agent.destroy()
  return lost
}

const cookieOf = (token: string): string => `__Host-hf_sid=${token}`

/** What is wrong with the answer, if anything is. */
async function look({ port }: Running, login: string, headers: Record<string, string>): Promise<string | undefined> {
  const { status, text } = await get(port, { host: 'localhost', ...headers })
  if (status !== 200) return `answered with ${status}`
  const said = JSON.parse(text) as { login?: string; text?: string }
  if (said.login !== login) return 'taken for nobody'
  return said.text === `of ${login}` ? undefined : 'sealed text not opened'
}
