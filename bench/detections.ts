/** What the detections cost: time for each signal, memory with a million keys, and what is added to a request. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { randomToken } from '../src/crypto/random.ts'
import { defaultsOf } from '../src/observe/detecting/options.ts'
import { answer, event, FIREFOX } from '../src/observe/detecting/replay.ts'
import { createRuntime, type Runtime } from '../src/observe/detecting/runtime.ts'
import type { Signal } from '../src/observe/detecting/signal.ts'
import { detections } from '../src/observe/detections/index.ts'
import { median } from './load.ts'
import { pairByPair, ratiosOf } from './turn-by-turn.ts'

const SIGNALS = 200_000
const KEYS = 1_000_000
/** What comes in twenty milliseconds at fifty thousand a second. */
const BATCH = 1000
const ROUNDS = Number(process.env['HOLDFAST_TEST_ROUNDS'] ?? 5)
const PAGE = { requests: 1000, rounds: ROUNDS * 2, warmUp: 2 }

function open(): Runtime {
  return createRuntime({
    chosen: detections.map((detection) => ({ detection, state: 'on', thresholds: defaultsOf(detection) })),
    emit: () => undefined,
    random: randomToken,
    site: 'https://app.example',
    onFault(error) {
      throw error
    },
  })
}

const address = (index: number) => `${1 + ((index >> 24) & 127)}.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`

/** What an application sees all day: pages, with a few misses and mistakes. */
function ordinary(index: number): Signal {
  const client = address(index % 5000)
  const at = index * 10
  if (index % 50 === 0)
    return event('authn_login_success', { at, client, data: { userId: `u${index % 900}`, device: 'Firefox on Linux' } })
  if (index % 200 === 1)
    return event('authn_login_fail', { at, client, data: { door: 'password', login: `login${index % 900}` } })
  const target = index % 10 === 0 ? `/search?q=what+to+do+in+${index}` : `/pages/${index % 300}`
  return answer({ at, client, target, status: index % 40 === 0 ? 404 : 200, agent: FIREFOX, principal: `u${index % 900}` })
}

/** One client after the other that was never seen, each with one of all that fills a table. */
function hostile(index: number): Signal {
  const all = everything(index)
  return all[index % all.length]!
}

/** The dearest of them for most detections: a sign-in that failed. */
function guess(index: number): Signal {
  const data = { door: 'password', login: `login${index}`, userId: `login${index}` }
  return event('authn_login_fail', { at: index, client: address(index), data })
}

function everything(index: number): Signal[] {
  const client = address(index)
  const login = `login${index}`
  const at = index
  return [
    event('authn_login_fail', { at, client, data: { door: 'password', login, userId: login } }),
    event('authn_login_lock', { at, client, data: { door: 'password', login, scope: 'account' } }),
    event('authn_recovery_asked', { at, client, data: { login } }),
    event('session_forged', { at, client }),
    event('session_use_after_expire', { at, client }),
    event('authn_token_fail', { at, client, data: { reason: 'forged' } }),
    event('malicious_csrf', { at, client, data: { origin: `https://${login}.example` } }),
    event('malicious_cors', { at, client, data: { origin: `https://${login}.example` } }),
    event('malicious_target', { at, client, data: { reason: 'bad-method' } }),
    event('authz_fail', { at, client, principal: login, path: `/notes/${index}`, data: { code: 'not-found' } }),
    event('sensitive_read', { at, client, principal: login, data: { rows: 1 } }),
    answer({ at, client, target: `/missing${index}`, status: 404, failed: { login, password: login } }),
    answer({ at, client, target: `/admin/${index}`, status: 403, agent: `sqlmap/${index}` }),
    answer({ at, client, target: `/${index}/.env`, status: 404 }),
    answer({ at, client, target: `/?q=1'%20or%20${index}=${index}--`, status: 422 }),
    answer({ at, client, target: `/?q=<script>${index}</script>` }),
    answer({ at, client, target: `/../../${index}` }),
  ]
}

/** Microseconds of processor time for a signal: others may be at work on the machine. */
async function cost(runtime: Runtime, make: (index: number) => Signal, many: number): Promise<number> {
  let spent = 0
  for (let from = 0; from < many; from += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, index) => make(from + index))
    for (const signal of batch) runtime.take(signal)
    const began = process.cpuUsage()
    await runtime.settled()
    const { user, system } = process.cpuUsage(began)
    spent += user + system
  }
  return spent / many
}

/** What is held, after everything else was collected. */
function megabytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return (heapUsed + Math.max(external, arrayBuffers)) / 1_048_576
}

export async function detectionsCost(): Promise<void> {
  const runtime = open()
  await cost(runtime, ordinary, SIGNALS)
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await cost(runtime, ordinary, SIGNALS))
  console.log(
    `\nDetections, all ${detections.length}: ${median(rounds).toFixed(2)} µs of processor time for an ordinary signal (median of ${ROUNDS} × ${SIGNALS})`,
  )
  await flood('hostile clients', hostile)
  await flood('failed sign-ins', guess)
  await latency()
}

async function flood(name: string, make: (index: number) => Signal): Promise<void> {
  const runtime = open()
  const before = megabytes()
  const each = await cost(runtime, make, KEYS)
  const [used, tables] = [megabytes() - before, runtime.bytes / 1_048_576]
  console.log(
    `${KEYS} ${name}, all new: ${each.toFixed(2)} µs each, ${used.toFixed(0)} MiB more, ${tables.toFixed(0)} MiB of it tables`,
  )
  await runtime.stop()
}

/** The same server with none and with all, and with none twice: what that differs from 1 by is the method's own. */
async function latency(): Promise<void> {
  const bytes = ({ port }: { readonly port: number }) =>
    `GET / HTTP/1.1\r\nhost: localhost:${port}\r\nuser-agent: ${FIREFOX}\r\n\r\n`
  console.log(`Page, one request at a time, rounds of 4 × ${PAGE.requests} requests`)
  for (const [name, kind] of [['none again', 'undetected'] as const, ['all', 'guarded'] as const])
    console.log(`  ${name} over none: ${ratiosOf(await pairByPair(['fastify', 'undetected', kind], bytes, PAGE))}`)
}
