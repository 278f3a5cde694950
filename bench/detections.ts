/** What the detections cost: time for each signal, memory with a million keys, and what is added to a request. */
import { randomToken } from '../src/crypto/random.ts'
import { defaultsOf } from '../src/observe/detecting/options.ts'
import { answer, event, FIREFOX } from '../src/observe/detecting/replay.ts'
import { createRuntime, type Runtime } from '../src/observe/detecting/runtime.ts'
import type { Signal } from '../src/observe/detecting/signal.ts'
import { detections } from '../src/observe/detections/index.ts'
import { load, median, quantile } from './load.ts'
import { startServer } from './process.ts'

const SIGNALS = 200_000
const KEYS = 1_000_000
const BATCH = 10_000
const ROUNDS = Number(process.env['HOLDFAST_TEST_ROUNDS'] ?? 5)

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
function hostile(index: number): Signal[] {
  const all = everything(index)
  return [all[index % all.length]!]
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

async function cost(
  runtime: Runtime,
  make: (index: number) => readonly Signal[],
  many: number,
): Promise<{ each: number; signals: number }> {
  let spent = 0
  let signals = 0
  for (let from = 0; from < many; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, many - from) }, (_, index) => make(from + index)).flat()
    signals += batch.length
    for (let part = 0; part < batch.length; part += BATCH) {
      for (const signal of batch.slice(part, part + BATCH)) runtime.take(signal)
      // Processor time: others may be at work on the machine.
      const began = process.cpuUsage()
      await runtime.settled()
      const { user, system } = process.cpuUsage(began)
      spent += user + system
    }
  }
  return { each: spent / signals, signals }
}

function megabytes(): number {
  globalThis.gc?.()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return (heapUsed + Math.max(external, arrayBuffers)) / 1_048_576
}

export async function detectionsCost(): Promise<void> {
  const runtime = open()
  await cost(runtime, (index) => [ordinary(index)], SIGNALS)
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round++) rounds.push((await cost(runtime, (index) => [ordinary(index)], SIGNALS)).each)
  console.log(
    `\nDetections, all ${detections.length}: ${median(rounds).toFixed(2)} µs of processor time for an ordinary signal (median of ${ROUNDS} × ${SIGNALS})`,
  )
  const flooded = open()
  const before = megabytes()
  const hit = await cost(flooded, hostile, KEYS)
  const used = megabytes() - before
  console.log(
    `${KEYS} hostile clients, ${hit.signals} signals: ${hit.each.toFixed(2)} µs each, ${used.toFixed(0)} MiB more, ${(flooded.bytes / 1_048_576).toFixed(0)} MiB of it tables`,
  )
  await flooded.stop()
  await latency()
}

/** The same server with all detections and with none, turn by turn. */
async function latency(): Promise<void> {
  const [without, with34] = [await startServer('fastify', 'undetected'), await startServer('fastify', 'guarded')]
  const request = ({ port }: { readonly port: number }) =>
    `GET / HTTP/1.1\r\nhost: localhost:${port}\r\nuser-agent: ${FIREFOX}\r\n\r\n`
  const times: Record<string, number[]> = { without: [], with: [] }
  for (let round = -2; round < ROUNDS * 3; round++) {
    const order = [['without', without] as const, ['with', with34] as const]
    for (const [name, server] of round % 2 === 0 ? order : order.toReversed()) {
      const { times: taken } = await load(server.port, request(server), 5000, 4)
      if (round >= 0) times[name]!.push(quantile(taken, 0.5))
    }
  }
  const [none, all] = [median(times['without']!), median(times['with']!)]
  console.log(
    `Page, p50: ${none.toFixed(3)} ms without detections, ${all.toFixed(3)} ms with all; ratio ${(all / none).toFixed(3)}`,
  )
  await without.stop()
  await with34.stop()
}
