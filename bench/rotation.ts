/**
 * Every key is replaced while people go on: 200 sessions, 50 requests a second that come whether they are answered or not, two processes
 * restarted one after the other. What is lost is counted: it must be nothing, and something without the time in which both keys are known.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { generateKey, keyTime, parseKeyring } from '../src/crypto/keyring.ts'
import { sealedColumns } from '../src/database/sealed-columns.ts'
import { fieldColumn, reencrypt, sealedBy } from '../src/secrets/reencrypt.ts'
import { sqlite } from '../src/store/sqlite.ts'
import { quantile } from './load.ts'
import { freePort } from './process.ts'

export const ORIGIN = 'http://localhost'
export const PASSWORD = 'a walrus sings at four'

/** What a process is started with. */
export interface Process {
  readonly port: number
  readonly file: string
  readonly data: string
  readonly keys: string
  readonly pepper: string
}

/** What a process may be asked, beside requests. */
export type Ask =
  | { readonly what: 'user' | 'signIn'; readonly login: string }
  | { readonly what: 'begin'; readonly session: string }
  | { readonly what: 'refresh'; readonly token: string }
  | { readonly what: 'rotateSigningKey' | 'stop' }

const [SESSIONS, USERS, RATE] = [200, 20, 50]
const COLUMNS = [...sealedColumns, fieldColumn('diary.text')]

export async function rotation(): Promise<void> {
  const overlapping = await run(true)
  console.log(
    `\nrotation: every key replaced with ${SESSIONS} sessions at ${RATE} requests a second, two processes restarted in turn`,
  )
  console.log(said(overlapping))
  const abrupt = await run(false)
  console.log(`  the same without a time in which both keys are known, as it must not be done:\n${said(abrupt)}`)
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
  return `  ${requests} requests, lost: ${lost.length}${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}; from when each was due, milliseconds: median ${at(0.5)}, 99 of 100 ${at(0.99)}, longest ${at(1)}`
}

async function run(overlap: boolean): Promise<Result> {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const file = join(data, 'shared.sqlite')
  const [old, next, pepper, nextPepper] = [
    generateKey('old'),
    generateKey('next'),
    generateKey('pepper-1'),
    generateKey('pepper-2'),
  ]
  const pool: Running[] = []
  const start = async (keys: string, peppers: string) =>
    startProcess({ port: await freePort(), file, data, keys, pepper: peppers })
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
      const database = sqlite(file)
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
}

async function populate(process: Running): Promise<People> {
  const logins = Array.from({ length: USERS }, (_, index) => `person-${index}`)
  const sessions = []
  const tokens = new Map<string, Tokens>()
  for (const login of logins) {
    await process.ask({ what: 'user', login })
    for (let index = 0; index < SESSIONS / USERS; index++)
      sessions.push({ login, token: (await process.ask({ what: 'signIn', login })) as string })
    tokens.set(login, (await process.ask({ what: 'begin', session: sessions.at(-1)!.token })) as Tokens)
  }
  if (sessions.some(({ token }) => !token) || [...tokens.values()].some((one) => !one)) throw new Error('Not everybody got in.')
  return { logins, sessions, tokens }
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
      const cookie = { cookie: `hf_sid_localhost=${token}` }
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
    const wrong = await look(pool[0]!, login, { cookie: `hf_sid_localhost=${token}` })
    if (wrong) lost.push(`session at the end: ${wrong}`)
  }
  for (const [login, { refresh }] of people.tokens) {
    const fresh = (await pool[1]!.ask({ what: 'refresh', token: refresh })) as Tokens | null
    if (!fresh || (await look(pool[0]!, login, { authorization: `Bearer ${fresh.access}` })))
      lost.push(`token at the end: ${login}`)
    if (!(await pool[0]!.ask({ what: 'signIn', login }))) lost.push(`password at the end: ${login}`)
  }
}

/** What is wrong with the answer, if anything is. */
async function look({ port }: Running, login: string, headers: Record<string, string>): Promise<string | undefined> {
  const { status, text } = await get(port, { host: 'localhost', ...headers })
  if (status !== 200) return `answered with ${status}`
  const said = JSON.parse(text) as { login?: string; text?: string }
  if (said.login !== login) return 'taken for nobody'
  return said.text === `of ${login}` ? undefined : 'sealed text not opened'
}

function get(port: number, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = http.get({ port, host: '127.0.0.1', path: '/', headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode!, text })).on('error', reject)
    })
    request.on('error', reject)
  })
}

interface Running {
  readonly port: number
  ask(ask: Ask): Promise<unknown>
  stop(): Promise<void>
}

async function startProcess(options: Process): Promise<Running> {
  const child = fork(join(import.meta.dirname, 'servers/rotation.ts'), [JSON.stringify(options)], {
    execArgv: ['--conditions=holdfast-source', '--disable-warning=ExperimentalWarning'],
  })
  const waiting = new Map<number, (value: unknown) => void>()
  let asked = 0
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.on('message', ({ id, value }: { id: number; value: unknown }) => {
    waiting.get(id)?.(value)
    waiting.delete(id)
  })
  const answerTo = (id: number): Promise<unknown> =>
    Promise.race([
      new Promise((resolve) => waiting.set(id, resolve)),
      gone.then(() => Promise.reject(new Error('A process ended.'))),
    ])
  await answerTo(0)
  return {
    port: options.port,
    ask(ask) {
      const answer = answerTo(++asked)
      child.send({ id: asked, ...ask })
      return answer
    },
    stop: () => stopProcess(child, gone),
  }
}

async function stopProcess(child: ChildProcess, gone: Promise<void>): Promise<void> {
  // What was sent to it a moment ago is answered first.
  await wait(300)
  if (child.connected) child.send({ id: -1, what: 'stop' })
  await gone
}
